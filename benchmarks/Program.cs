using Makemore.Gpu.Benchmarks;
using Makemore.Gpu.Benchmarks.Comparisons;
using Makemore.Gpu.Benchmarks.Phases;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels;

// No arguments: measure every operation and record it. "phases": where the time of a fused step goes. "torch": compare training with
// TorchSharp's. "readme": renew the tables in README.md and docs/performance.md.
// Anything else is BenchmarkDotNet's, such as --filter *MatMul*.
try
{
    return args switch
    {
        ["phases"] => StepPhases.Run(),
        ["torch", .. string[] options] => TorchComparison.Run(options),
        ["readme", .. string[] options] => ReadmeTables.Run(options),
        _ => MeasuringRun.Run(args),
    };
}
catch (InvalidRequestException fault)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}
