using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests;

/// <summary>What tests on the stand-in driver share: it shows its newest device, has no fault, and remembers nothing from before the test.</summary>
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

/// <summary>Clears away what the tests built.</summary>
[SetUpFixture]
sealed class BuiltFiles
{
    [OneTimeTearDown]
    public void Delete() => StandInDriver.DeleteFiles();
}
