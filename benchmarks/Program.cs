using Makemore.Gpu.Benchmarks;
using Makemore.Gpu.Benchmarks.Comparisons;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels;

// No arguments: measure every operation and record it. "torch": compare training with TorchSharp's. "readme": renew the tables.
// Anything else is BenchmarkDotNet's, such as --filter *MatMul*.
try
{
    return args switch
    {
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
