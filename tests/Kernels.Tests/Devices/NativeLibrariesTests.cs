using System.Runtime.InteropServices;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Tests.Devices;

sealed class NativeLibrariesTests
{
    static readonly string[] Names = [NativeLibraries.OpenCL, NativeLibraries.Cuda];

    [Test]
    [Platform("Linux")]
    public void On_Linux_the_file_of_a_driver_carries_its_interface_version() =>
        Assert.That(Names.Select(NativeLibraries.FileName), Is.EqualTo(["libOpenCL.so.1", "libcuda.so.1"]));

    [Test]
    public void Other_libraries_are_left_to_the_usual_search() => Assert.That(NativeLibraries.FileName("makemore"), Is.Null);

    [Test]
    public void A_library_that_does_not_exist_is_not_present() =>
        Assert.That(NativeLibraries.IsPresent("makemore-no-such-library"), Is.False);

    [Test]
    public void Installing_twice_is_installing_once() => Assert.That(() =>
    {
        NativeLibraries.Install();
        NativeLibraries.Install();
    }, Throws.Nothing);

    // ILGPU loads by these names, and takes a failure for "no devices".
    [TestCaseSource(nameof(Names))]
    public void After_installation_ILGPU_loads_what_is_present_by_its_own_name(string name)
    {
        NativeLibraries.Install();
        Assert.That(NativeLibrary.TryLoad(name, typeof(ILGPU.Context).Assembly, null, out _), Is.EqualTo(NativeLibraries.IsPresent(name)));
    }

    [TestCaseSource(nameof(Names))]
    public void A_device_is_listed_only_where_its_library_is_present(string name)
    {
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        bool listed = catalog.Devices.Any(device => device.Kind.Equals(name, StringComparison.OrdinalIgnoreCase));
        Assert.That(!listed || NativeLibraries.IsPresent(name));
    }
}
