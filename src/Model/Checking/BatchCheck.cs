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
sealed record BatchCheck(
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
    public static BatchCheck AgainstReference(KernelSet kernels, LectureBatch batch)
    {
        var forms = ComputedForms.Run(kernels, batch);
        return new BatchCheck(batch, WithExamples(forms.SmallSteps, batch), forms.Compare(batch, ReferenceStep.Run(batch)));
    }

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
        var batch = LectureBatch.From(dump);
        IReadOnlyDictionary<string, double[]> reference = ReferenceStep.Run(batch);
        string[] known = [.. TensorNames.Intermediates, .. TensorNames.Gradients];
        string[] compared = [.. known.Where(expected.ContainsKey)];
        if (compared.Length == 0)
        {
            throw new InvalidRequestException(
                "the dump holds no tensor to compare: it must hold intermediates such as logits, or gradients such as C.grad");
        }
        if (compared.FirstOrDefault(name => expected[name].Length != reference[name].Length) is { } misfit)
        {
            throw new InvalidRequestException(
                $"the dump's tensor {misfit} has {expected[misfit].Length} values, "
                + $"and the other tensors call for {reference[misfit].Length}");
        }
        var forms = ComputedForms.Run(kernels, batch);
        var held = compared.ToDictionary(name => name, name => expected[name]);
        return new BatchCheck(batch, WithExamples(forms.SmallSteps, batch), forms.CompareWithDump(batch, reference, held));
    }

    static Dictionary<string, HostTensor> WithExamples(IReadOnlyDictionary<string, HostTensor> tensors, LectureBatch batch) =>
        new(tensors)
        {
            ["Xb"] = new HostTensor("Xb", [batch.Count, batch.Context], Array.ConvertAll(batch.Tokens, token => (float)token)),
            ["Yb"] = new HostTensor("Yb", [batch.Count], Array.ConvertAll(batch.Targets, token => (float)token)),
        };
}
