using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Reference;

namespace Makemore.Gpu.Model.Checking;

/// <summary>
/// A batch through the kernels, compared tensor by tensor with the MathNet reference or with a dump of another program.
/// </summary>
/// <param name="Batch">The batch.</param>
/// <param name="Tensors">
/// The examples, the parameters, and all that the kernels computed of them in the lecture's small steps, by <see cref="TensorNames"/>.
/// </param>
/// <param name="Comparisons">The comparisons, in the order of the lecture's backward pass.</param>
public sealed record BatchCheck(
    LectureBatch Batch, IReadOnlyDictionary<string, HostTensor> Tensors, IReadOnlyList<TensorComparison> Comparisons)
{
    /// <summary>The mark of tensors from the kernels of layered training, with softmax and BatchNorm each in closed form.</summary>
    public const string ClosedFormMark = "closed form ";

    /// <summary>The mark of tensors that come from the persistent kernel.</summary>
    public const string FusedMark = "fused ";

    /// <summary>The loss of the batch, by the kernels.</summary>
    public double Loss => Tensors["loss"].Values[0];

    /// <summary>The parameters' tensors, in the order in which the lecture draws them.</summary>
    public IEnumerable<HostTensor> Parameters => LectureBatch.ParameterNames.Select(name => Tensors[name]);

    /// <summary>How many of the tensors differ from what they should be by more than the tolerance.</summary>
    public int Faults => Comparisons.Count(comparison => !comparison.Approximate);

    /// <summary>Compares with the reference, which computes in double.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="batch">The batch.</param>
    public static BatchCheck AgainstReference(KernelSet kernels, LectureBatch batch) =>
        Compare(kernels, batch, ReferenceStep.Run(batch));

    /// <summary>Compares with a dump, of any sizes: of its tensors, all whose names the lecture gives.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="dump">The dump: the parameters, Xb and Yb, intermediates, and gradients as <c>name.grad</c>.</param>
    /// <exception cref="InvalidRequestException">What is needed is missing or does not fit.</exception>
    public static BatchCheck AgainstDump(KernelSet kernels, SafeTensors dump)
    {
        ArgumentNullException.ThrowIfNull(dump);
        var expected = dump.Tensors
            .Where(tensor => tensor.Value.Type == "F32")
            .ToDictionary(tensor => tensor.Key, tensor => Array.ConvertAll(tensor.Value.ToFloats(), value => (double)value));
        BatchCheck check = Compare(kernels, LectureBatch.From(dump), expected);
        return check.Comparisons.Count > 0
            ? check
            : throw new InvalidRequestException(
                "the dump holds no tensor to compare: it must hold intermediates such as logits, or gradients such as C.grad");
    }

    static BatchCheck Compare(KernelSet kernels, LectureBatch batch, IReadOnlyDictionary<string, double[]> expected)
    {
        IReadOnlyDictionary<string, HostTensor> smallSteps = LectureSteps.Run(kernels, batch);
        (string Mark, IReadOnlyDictionary<string, IReadOnlyList<float>> Actual)[] ways =
        [
            ("", smallSteps.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.Values)),
            (ClosedFormMark, ClosedFormStep.Run(kernels, batch)),
            (FusedMark, FusedGradients.Run(kernels, batch)),
        ];
        string[] names = [.. TensorNames.Intermediates, .. TensorNames.Gradients];
        double[] inverseDeviations = expected.GetValueOrDefault("bnvar_inv", []);
        IEnumerable<TensorComparison> comparisons =
            from way in ways
            from name in names
            where way.Actual.ContainsKey(name) && expected.ContainsKey(name)
            let tolerance = Tolerance.For(name, batch, inverseDeviations)
            select Compare(way.Mark, name, way.Actual[name], expected[name], tolerance);
        return new BatchCheck(batch, WithExamples(smallSteps, batch), [.. comparisons]);
    }

    static TensorComparison Compare(string mark, string name, IReadOnlyList<float> actual, double[] expected, Tolerance tolerance) =>
        actual.Count == expected.Length
            ? TensorComparison.Of(mark + name, actual, expected, tolerance)
            : throw new InvalidRequestException(
                $"the dump's tensor {name} has {expected.Length} values, and the other tensors call for {actual.Count}");

    static Dictionary<string, HostTensor> WithExamples(IReadOnlyDictionary<string, HostTensor> tensors, LectureBatch batch) =>
        new(tensors)
        {
            ["Xb"] = new HostTensor("Xb", [batch.Count, batch.Context], Array.ConvertAll(batch.Tokens, token => (float)token)),
            ["Yb"] = new HostTensor("Yb", [batch.Count], Array.ConvertAll(batch.Targets, token => (float)token)),
        };
}
