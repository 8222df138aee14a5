namespace Makemore.Gpu.Model.Experiments;

/// <summary>How far a training of an experiment is.</summary>
/// <param name="Recipe">The recipe that is trained.</param>
/// <param name="Step">The steps that were completed.</param>
/// <param name="Steps">Of how many.</param>
readonly record struct RunProgress(string Recipe, int Step, int Steps);
