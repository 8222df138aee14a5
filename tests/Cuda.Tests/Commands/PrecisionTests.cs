using System.Text.Json;
using Makemore.Gpu.Cuda.Tests.Driver;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Commands;

/// <summary>The program's option --precision on CUDA GPUs.</summary>
sealed class PrecisionTests : CommandTests
{
    [SetUp]
    public void RequireDriver()
    {
        StandInDriver.Require();
        StandInDriver.Mend();
        StandInDriver.Show(StandInDevice.Newest);
    }

    [Test]
    public void A_GPU_without_TF32_is_refused()
    {
        StandInDriver.Show(StandInDevice.All.Single(device => device.Architecture == "sm_75"));
        Refuse(Call("tf32"), "--precision tf32", "compute capability 8.0", "cuda:0 is CUDA Turing", "leave it out");
    }

    [Test]
    public void The_fused_form_is_refused() => Refuse([.. Call("tf32"), "--strategy", "fused"], "--precision tf32", "--strategy layered");

    [TestCase("auto")]
    [TestCase("layered")]
    public void TF32_trains_layer_by_layer_on_tensor_cores(string strategy)
    {
        StandInDriver.Forget();
        Succeed([.. Call("tf32"), "--strategy", strategy]);
        using JsonDocument settings = JsonDocument.Parse(File.ReadAllText(Path.Combine("run", "config.json")));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(settings.RootElement.GetProperty("precision").GetString(), Is.EqualTo("tf32"));
            Assert.That(settings.RootElement.GetProperty("strategy").GetString(), Is.EqualTo("layered"));
            Assert.That(LaunchedKernels(), Has.Some.Contains(nameof(TensorCoreGemm.TensorCoreGemmKernel)));
        }
    }

    [Test]
    public void Single_precision_takes_no_tensor_cores()
    {
        StandInDriver.Forget();
        Succeed([.. Call("float32"), "--strategy", "layered"]);
        Assert.That(LaunchedKernels(), Has.None.Contains(nameof(TensorCoreGemm.TensorCoreGemmKernel)));
    }

    static string[] Call(string precision) =>
        Training("--accelerator", "cuda", "--precision", precision, "--hidden", "1024", "--batch", "1024", "--steps", "2", "--run", "run");

    static string?[] LaunchedKernels() => [.. StandInDriver.Calls.Where(call => call.Name == "cuLaunchKernel").Select(call => call.Kernel)];
}
