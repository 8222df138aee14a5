using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Torch;

var root = new RootCommand("makemore's MLP on TorchSharp, to compare with.")
{
    TrainCommand.Create(), DiagnosticsCommand.Create(), ProductsCommand.Create(),
};
try
{
    return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception fault) when (fault is InvalidRequestException or FormatException)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}
