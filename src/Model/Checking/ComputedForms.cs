using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Reference;

namespace Makemore.Gpu.Model.Checking;

/// <summary>What the kernels computed of a batch, in each of their forms.</summary>
/// <param name="SmallSteps">The lecture's small steps.</param>
/// <param name="ClosedForm">Layered training, with softmax and BatchNorm each in closed form.</param>
/// <param name="Fused">The persistent kernel; empty where it does not run.</param>
sealed record ComputedForms(
    IReadOnlyDictionary<string, HostTensor> SmallSteps,
    IReadOnlyDictionary<string, IReadOnlyList<float>> ClosedForm,
    IReadOnlyDictionary<string, IReadOnlyList<float>> Fused)
{
    // Another program rounds, too.
    const double RoundingsOfTwo = 2;

    /// <summary>Runs a batch in each form.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="batch">The batch.</param>
    public static ComputedForms Run(KernelSet kernels, LectureBatch batch) =>
        new(LectureSteps.Run(kernels, batch), ClosedFormStep.Run(kernels, batch), FusedGradients.Run(kernels, batch));

    /// <summary>Compares every tensor of every form with the reference.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="reference">Every tensor, by the reference in double.</param>
    public IReadOnlyList<TensorComparison> Compare(LectureBatch batch, IReadOnlyDictionary<string, double[]> reference)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(reference);
        return Compare(batch, reference, reference, roundings: 1);
    }

    /// <summary>Compares the tensors that a dump holds with it.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="reference">Every tensor, by the reference in double.</param>
    /// <param name="dump">The dump's tensors, of the lengths of the reference's.</param>
    public IReadOnlyList<TensorComparison> CompareWithDump(
        LectureBatch batch, IReadOnlyDictionary<string, double[]> reference, IReadOnlyDictionary<string, double[]> dump)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(dump);
        return Compare(batch, reference, dump, RoundingsOfTwo);
    }

    TensorComparison[] Compare(
        LectureBatch batch, IReadOnlyDictionary<string, double[]> reference, IReadOnlyDictionary<string, double[]> expected,
        double roundings)
    {
        // Where the expected tensors are but some, the reference's stand for the others.
        var bounds = new StepBounds(batch, reference.ToDictionary(
            tensor => tensor.Key, tensor => expected.GetValueOrDefault(tensor.Key, tensor.Value)));
        var smallSteps = SmallSteps.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.Values);
        IReadOnlyDictionary<string, double[]> ofClosedForm = bounds.Of(ClosedForm);
        bool isLectures = Tolerance.CoverBatch(batch, reference["bnvar_inv"]);
        string[] names = [.. TensorNames.Intermediates, .. TensorNames.Gradients];
        return
        [
            .. OfForm("", smallSteps, bounds.Of(smallSteps)),
            .. OfForm(BatchCheck.ClosedFormMark, ClosedForm, ofClosedForm),
            .. OfForm(BatchCheck.FusedMark, Fused, bounds.OfFused(ClosedForm, ofClosedForm, FusedGradients.LearningRate)),
        ];

        IEnumerable<TensorComparison> OfForm(
            string mark, IReadOnlyDictionary<string, IReadOnlyList<float>> form, IReadOnlyDictionary<string, double[]> ofForm) =>
            from name in names
            where form.ContainsKey(name) && expected.ContainsKey(name)
            let allowed = ofForm[name].Select((off, i) => Allowed(name, off, i)).ToArray()
            select TensorComparison.Of(mark + name, form[name], expected[name], allowed);

        // A batch like the lecture's is also held to the tolerances that were made for it.
        double Allowed(string name, double off, int i) => isLectures
            ? Math.Min(roundings * off, Tolerance.For(name).At(expected[name][i]))
            : roundings * off;
    }
}
