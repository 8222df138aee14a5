using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Check;

/// <summary>A tensor as numbers and as a picture.</summary>
static class TensorSection
{
    /// <summary>The section.</summary>
    /// <param name="tensor">The tensor.</param>
    public static Section Of(HostTensor tensor) => new(Title(tensor))
    {
        Lines = TensorText.Lines(tensor.Shape, tensor.Values),
        Pictures = [Map(tensor)],
    };

    static string Title(HostTensor tensor) => $"{tensor.Name} {TensorText.Shape(tensor.Shape)}";

    // The first axis goes downwards, all others across; a vector is a row.
    static ShadeMap Map(HostTensor tensor)
    {
        int rows = tensor.Shape.Count > 1 ? tensor.Shape[0] : 1;
        int columns = tensor.Values.Count / rows;
        var values = new double[rows, columns];
        for (int i = 0; i < tensor.Values.Count; i++)
        {
            values[i / columns, i % columns] = tensor.Values[i];
        }
        double[] finite = [.. tensor.Values.Where(float.IsFinite).Select(value => (double)value).DefaultIfEmpty()];
        return new ShadeMap(
            tensor.Name, Title(tensor), "column", "row", values, Black: finite.Min(), White: finite.Max());
    }
}
