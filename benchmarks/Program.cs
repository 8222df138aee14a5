using Makemore.Gpu.Benchmarks;
using Makemore.Gpu.Benchmarks.Comparisons;
using Makemore.Gpu.Benchmarks.Correctness;
using Makemore.Gpu.Benchmarks.Ladder;
using Makemore.Gpu.Benchmarks.Networks;
using Makemore.Gpu.Benchmarks.Phases;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Benchmarks.Strategies;
using Makemore.Gpu.Benchmarks.Suite;
using Makemore.Gpu.Kernels.Devices;

// No arguments: measure every operation and record it. "phases": where the time of a fused step goes. "correctness": how close each
// accelerator is to libtorch. "torch": compare training with TorchSharp's. "ladder": how far each step of a matrix product reaches.
// "strategies": in which form networks of many sizes train fastest. "networks": how fast many train at once. "readme": renew the tables in
// README.md and docs. "suite": all that is to be tested on a GPU, in the archive of scripts/bundle; it calls "measure", which takes turns
// with PyTorch, and "operations PATTERN FILE", which measures operations in a short time. Anything else is BenchmarkDotNet's, such as
// --filter *MatMul*.
try
{
    return args switch
    {
        ["phases"] => StepPhases.Run(),
        ["correctness"] => CorrectnessRun.Run(),
        ["torch", .. string[] options] => TorchComparison.Run(options),
        ["ladder", .. string[] options] => LadderCommand.Run(options),
        ["strategies", .. string[] options] => StrategiesCommand.Run(options),
        ["networks", .. string[] options] => NetworksCommand.Run(options),
        ["readme", .. string[] options] => ReadmeTables.Run(options),
        ["suite", .. string[] options] => SuiteCommand.Run(options),
        ["measure", .. string[] call] => MeasureCommand.Run(call),
        ["operations", string pattern, string path] => MeasuringRun.RunShort(pattern, path),
        _ => MeasuringRun.Run(args),
    };
}
catch (InvalidRequestException fault)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}
