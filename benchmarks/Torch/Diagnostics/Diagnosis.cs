using Makemore.Gpu.Model.Diagnostics;

namespace Makemore.Gpu.Torch.Diagnostics;

/// <summary>What a program says of a network that it has trained.</summary>
/// <param name="StepLosses">The loss of every step.</param>
/// <param name="Inspection">What it sees on the batch of the next step.</param>
/// <param name="UpdateToData">For each matrix of parameters log10 of the next update's standard deviation by that of the values.</param>
/// <param name="Losses">The losses of the splits by name.</param>
sealed record Diagnosis(
    IReadOnlyList<float> StepLosses, Inspection Inspection, IReadOnlyList<double> UpdateToData, IReadOnlyDictionary<string, double> Losses);
