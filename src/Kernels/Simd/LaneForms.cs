using ILGPU;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>
/// The two forms of an elementwise or column kernel for GPUs: by <c>Quad</c>, 16 bytes a load, and by <see cref="Scalar"/>, where the
/// values do not lie in whole quads. Each form is made when it is first used.
/// </summary>
/// <typeparam name="TForm">The form, as the method that launches its kernels.</typeparam>
/// <param name="quads">Makes the form by quads, for example loads its kernel.</param>
/// <param name="scalars">Makes the form by scalars.</param>
sealed class LaneForms<TForm>(Func<TForm> quads, Func<TForm> scalars)
    where TForm : class
{
    TForm Quads => field ??= quads();

    TForm Scalars => field ??= scalars();

    /// <summary>The form for values in any shape.</summary>
    /// <param name="views">All operands. Values of the same index are computed together.</param>
    public TForm For(params ReadOnlySpan<ArrayView<float>> views) => LaneView.AreQuads(views) ? Quads : Scalars;

    /// <summary>The form for matrices, and vectors with a value for each column.</summary>
    /// <param name="columns">Columns of the matrices, length of the vectors.</param>
    /// <param name="views">All operands.</param>
    public TForm ForColumns(int columns, params ReadOnlySpan<ArrayView<float>> views) =>
        columns % Quad.Count == 0 && LaneView.AreQuads(views) ? Quads : Scalars;
}

/// <summary>Views of values as views of lanes: kernels for GPUs take 4 values at a time where they can.</summary>
static class LaneView
{
    /// <summary>Whether views can be taken as views of quads: the start and length of each are multiples of 4 values.</summary>
    public static bool AreQuads(params ReadOnlySpan<ArrayView<float>> views)
    {
        foreach (ArrayView<float> view in views)
        {
            if (Start(view) % Quad.Count != 0 || view.Length % Quad.Count != 0)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The same memory as lanes: as <see cref="Scalar"/>, or as <c>Quad</c> where <see cref="AreQuads"/> holds.</summary>
    public static ArrayView<TLanes> As<TLanes>(this ArrayView<float> view)
        where TLanes : unmanaged, IPortableLanes<TLanes> => view.Cast<TLanes>();

    // The index of a view in its buffer, which begins at a multiple of a cache line. Generic, so that the view is not boxed.
    static long Start<TView>(TView view)
        where TView : IContiguousArrayView => view.Index;
}
