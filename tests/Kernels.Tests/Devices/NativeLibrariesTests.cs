using System.Runtime.InteropServices;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Tests.Devices;

sealed class NativeLibrariesTests
{
    static readonly string[] Names = [NativeLibraries.OpenCL, NativeLibraries.Cuda];

    [Test]
    [Platform("Linux")]
    public void OnLinuxADriversFileCarriesItsInterfaceVersion() =>
        Assert.That(Names.Select(NativeLibraries.FileName), Is.EqualTo(["libOpenCL.so.1", "libcuda.so.1"]));

    [Test]
    public void OtherLibrariesAreLeftToTheUsualSearch() => Assert.That(NativeLibraries.FileName("makemore"), Is.Null);

    [Test]
    public void ALibraryThatDoesNotExistIsNotPresent() => Assert.That(NativeLibraries.IsPresent("makemore-no-such-library"), Is.False);

    [Test]
    public void InstallingTwiceIsInstallingOnce() => Assert.That(() =>
    {
        NativeLibraries.Install();
        NativeLibraries.Install();
    }, Throws.Nothing);

    // ILGPU loads by these names, and takes a failure for "no devices".
    [TestCaseSource(nameof(Names))]
    public void AfterInstallationIlgpuLoadsWhatIsPresentByItsOwnName(string name)
    {
        NativeLibraries.Install();
        Assert.That(NativeLibrary.TryLoad(name, typeof(ILGPU.Context).Assembly, null, out _), Is.EqualTo(NativeLibraries.IsPresent(name)));
    }

    [TestCaseSource(nameof(Names))]
    public void ADeviceIsListedOnlyWhereItsLibraryIsPresent(string name)
    {
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        bool listed = catalog.Devices.Any(device => device.Kind.Equals(name, StringComparison.OrdinalIgnoreCase));
        Assert.That(!listed || NativeLibraries.IsPresent(name));
    }
}
