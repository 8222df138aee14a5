namespace Makemore.Gpu.Soak.Mutations;

/// <summary>How a call ended.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Fault">What is wrong with that; null where nothing is.</param>
sealed record Ending(int ExitCode, string Error, string? Fault);
