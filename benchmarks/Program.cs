using Makemore.Gpu.Benchmarks;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels;

// No arguments: measure everything and record it. "readme": renew the tables. Anything else is BenchmarkDotNet's, such as --filter *MatMul*.
try
{
    return args is ["readme", .. string[] options] ? ReadmeTables.Run(options) : MeasuringRun.Run(args);
}
catch (InvalidRequestException fault)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}
