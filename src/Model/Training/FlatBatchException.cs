using System.Globalization;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Model.Training;

/// <summary>
/// The examples of a drawn batch have one context, so that no feature differs among them, and a BatchNorm whose ε is 0 would divide by 0.
/// Training stopped before the step.
/// </summary>
/// <param name="step">The step, from 0.</param>
/// <param name="examples">N.</param>
sealed class FlatBatchException(int step, int examples) : InvalidRequestException(string.Create(
    CultureInfo.InvariantCulture,
    $"all {examples} examples of step {step} have the same context, and BatchNorm without an epsilon cannot normalize what does not "
    + $"vary: give {SettingName.BatchNormEpsilon} 1e-5, or a {SettingName.Batch} larger than {examples}"))
{
    /// <summary>The step, from 0.</summary>
    public int Step => step;
}
