using System.CommandLine;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>What a call of the program is run with: its streams, and what stops it.</summary>
/// <param name="interruption">Stops the work.</param>
sealed class Invocation(Interruption interruption) : InvocationConfiguration
{
    /// <summary>Stops the work.</summary>
    public Interruption Interruption => interruption;
}
