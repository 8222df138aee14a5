using System.Runtime.ExceptionServices;
using ILGPU.Runtime;
using Makemore.Gpu.Cuda.Tests.Driver;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests;

/// <summary>
/// What tests on the stand-in driver share: it shows its newest device, has no fault, and remembers nothing from before the test.
/// </summary>
abstract class CudaTests
{
    [OneTimeSetUp]
    public void RequireDriver() => StandInDriver.Require();

    [SetUp]
    public void ResetDriver()
    {
        StandInDriver.Mend();
        StandInDriver.Show(StandInDevice.Newest);
        StandInDriver.Forget();
    }
}

/// <summary>What the tests need once in their process.</summary>
[SetUpFixture]
sealed class TestProcess
{
    // As the program does for itself: ILGPU's finalizers throw where a device was lost.
    [OneTimeSetUp]
    public void SurviveFinalizers() => ExceptionHandling.SetUnhandledExceptionHandler(fault => fault is AcceleratorException);

    [OneTimeTearDown]
    public void DeleteBuiltFiles() => StandInDriver.DeleteFiles();
}
