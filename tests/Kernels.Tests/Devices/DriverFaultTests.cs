using ILGPU.Runtime.OpenCL;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Tests.Devices;

// What CUDA's driver returns is tested with the stand-in for it.
sealed class DriverFaultTests
{
    [TestCase(CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE, "out of memory", "Batch")]
    [TestCase(CLError.CL_OUT_OF_RESOURCES, "out of memory", "Batch")]
    [TestCase(CLError.CL_OUT_OF_HOST_MEMORY, "out of memory", "Batch")]
    [TestCase(CLError.CL_INVALID_BUFFER_SIZE, "out of memory", "Batch")]
    [TestCase(CLError.CL_BUILD_PROGRAM_FAILURE, "OpenCL", "CL_BUILD_PROGRAM_FAILURE", "another device")]
    public void Explain_says_what_happened_and_what_to_do(CLError error, params string[] mentions)
    {
        string line = DriverFault.Explain(new CLException(error));
        Assert.That(line, Does.Not.Contain("\n"));
        foreach (string mention in mentions)
        {
            Assert.That(line, Does.Contain(mention));
        }
    }

    [Test]
    public void Explain_refuses_null() => Assert.That(() => DriverFault.Explain(null!), Throws.ArgumentNullException);
}
