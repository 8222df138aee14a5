using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Reference;

namespace Makemore.Gpu.Model.Checking;

/// <summary>
/// A batch through the kernels, compared tensor by tensor with the MathNet reference or with a dump of another program.
/// </summary>
public static class BatchCheck
{
    /// <summary>The tensors in the order of the lecture's backward pass.</summary>
    static readonly string[] Names =
    [
        "loss", "logprobs", "probs", "counts_sum_inv", "counts_sum", "counts", "norm_logits", "logit_maxes", "logits", "h", "W2", "b2",
        "hpreact", "bngain", "bnbias", "bnraw", "bnvar_inv", "bnvar", "bndiff2", "bndiff", "bnmeani", "hprebn", "W1", "b1",
        "embcat", "emb", "C",
    ];

    /// <summary>The mark of tensors from the kernels of layered training, with softmax and BatchNorm each in closed form.</summary>
    public const string ClosedFormMark = "closed form ";

    /// <summary>The mark of tensors that come from the persistent kernel.</summary>
    public const string FusedMark = "fused ";

    /// <summary>Compares with the reference, which computes in double.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="batch">The batch.</param>
    public static IReadOnlyList<TensorComparison> AgainstReference(KernelSet kernels, LectureBatch batch) =>
        Compare(kernels, batch, ReferenceStep.Run(batch));

    /// <summary>Compares with a dump, of any sizes: of its tensors, all whose names the lecture gives.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="dump">The dump: the parameters, Xb and Yb, intermediates, and gradients as <c>name.grad</c>.</param>
    /// <exception cref="InvalidRequestException">What is needed is missing or does not fit.</exception>
    public static IReadOnlyList<TensorComparison> AgainstDump(KernelSet kernels, SafeTensors dump)
    {
        ArgumentNullException.ThrowIfNull(dump);
        var expected = dump.Tensors
            .Where(tensor => tensor.Value.Type == "F32")
            .ToDictionary(tensor => tensor.Key, tensor => Array.ConvertAll(tensor.Value.ToFloats(), value => (double)value));
        List<TensorComparison> comparisons = Compare(kernels, LectureBatch.From(dump), expected);
        return comparisons.Count > 0
            ? comparisons
            : throw new InvalidRequestException(
                "the dump holds no tensor to compare: it must hold intermediates such as logits, or gradients such as C.grad");
    }

    static List<TensorComparison> Compare(KernelSet kernels, LectureBatch batch, IReadOnlyDictionary<string, double[]> expected)
    {
        IReadOnlyDictionary<string, float[]> smallSteps = LectureSteps.Run(kernels, batch);
        IReadOnlyDictionary<string, float[]> closedForm = ClosedFormGradients.Run(kernels, batch);
        IReadOnlyDictionary<string, float[]> fused = FusedGradients.Run(kernels, batch);
        string[] intermediates = [.. Names.Except(LectureBatch.ParameterNames)];
        string[] gradients = [.. Names.Where(name => name != "loss").Select(name => name + ".grad")];

        var comparisons = new List<TensorComparison>();
        void Add(string mark, string name, IReadOnlyDictionary<string, float[]> actual)
        {
            if (actual.TryGetValue(name, out float[]? values) && expected.TryGetValue(name, out double[]? wanted))
            {
                if (values.Length != wanted.Length)
                {
                    throw new InvalidRequestException(
                        $"the dump's tensor {name} has {wanted.Length} values, and the other tensors call for {values.Length}");
                }
                comparisons.Add(TensorComparison.Of(mark + name, values, wanted, Tolerance.For(name)));
            }
        }
        foreach (string name in intermediates.Concat(gradients))
        {
            Add("", name, smallSteps);
        }
        foreach (string name in gradients.Prepend("loss"))
        {
            Add(ClosedFormMark, name, closedForm);
        }
        foreach (string name in gradients.Prepend("loss"))
        {
            Add(FusedMark, name, fused);
        }
        return comparisons;
    }
}
