using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Tests.Devices;

sealed class AcceleratorCatalogTests
{
    AcceleratorCatalog catalog = null!;

    [OneTimeSetUp]
    public void Open() => catalog = KernelContext.OpenCatalog();

    [OneTimeTearDown]
    public void Close() => catalog.Dispose();

    [Test]
    public void The_processor_is_listed_on_every_machine() =>
        Assert.That(catalog.Devices, Has.One.Property(nameof(FoundDevice.Name)).EqualTo("cpu:0"));

    [Test]
    public void The_devices_of_each_kind_are_numbered_from_zero() => Assert.That(
        catalog.Devices.Select(device => device.Name),
        Is.EqualTo(catalog.Devices.GroupBy(device => device.Kind).SelectMany(kind => kind.Select((_, index) => $"{kind.Key}:{index}"))));

    [Test]
    public void It_says_why_a_kind_is_missing([Values("CUDA", "OpenCL")] string kind)
    {
        IEnumerable<string> looked = catalog.Devices.Select(device => device.Description)
            .Concat(catalog.PassedOver.Where(device => device.Reason.Length > 0).Select(device => device.Description));
        Assert.That(looked, Has.Some.StartsWith(kind));
    }

    [Test]
    public void Each_description_begins_with_the_kind_of_the_device() => Assert.That(
        catalog.Devices.Where(device => !device.Description.StartsWith(device.Kind, StringComparison.OrdinalIgnoreCase)), Is.Empty);

    // CUDA, then an OpenCL GPU, then the CPU accelerator, whatever this machine has of them.
    [Test]
    public void Auto_takes_the_first_device_of_its_rule()
    {
        FoundDevice expected = catalog.Devices.FirstOrDefault(device => device.Kind == "cuda")
            ?? catalog.Devices.FirstOrDefault(device => device.Kind == "opencl" && !LaunchShape.IsProcessor(device.Device))
            ?? catalog.Devices.First(device => device.Kind == "cpu");
        Assert.That(catalog.Choose("auto"), Is.SameAs(expected));
        Assert.That(catalog.AutomaticReason, Does.Contain(expected.Kind).IgnoreCase.And.Not.Contain("\n"));
    }

    [TestCase("cpu")]
    [TestCase("cpu:0")]
    [TestCase("CPU")]
    [TestCase("Cpu:0")]
    public void A_name_is_taken_in_either_case(string request) => Assert.That(catalog.Choose(request).Name, Is.EqualTo("cpu:0"));

    [Test]
    public void Every_device_is_taken_by_the_name_that_is_listed() =>
        Assert.That(catalog.Devices.Select(device => catalog.Choose(device.Name)), Is.EqualTo(catalog.Devices));

    [TestCase("cpu", "cpu:0")]
    [TestCase("cpu:0, CPU", "cpu:0")]
    [TestCase("", null)]
    [TestCase(null, null)]
    public void Devices_under_test_are_limited_to_those_that_are_named(string? names, string? expected)
    {
        string? former = Environment.GetEnvironmentVariable(AcceleratorCatalog.TestVariable);
        try
        {
            Environment.SetEnvironmentVariable(AcceleratorCatalog.TestVariable, names);
            Assert.That(
                catalog.DevicesUnderTest.Select(device => device.Name),
                Is.EqualTo(expected is null ? catalog.Devices.Select(device => device.Name) : [expected]));
            Environment.SetEnvironmentVariable(AcceleratorCatalog.TestVariable, "cpu:7");
            Assert.That(() => catalog.DevicesUnderTest, Throws.InstanceOf<InvalidRequestException>().With.Message.Contains("cpu:7"));
        }
        finally
        {
            Environment.SetEnvironmentVariable(AcceleratorCatalog.TestVariable, former);
        }
    }

    [TestCase("tpu")]
    [TestCase("")]
    [TestCase(" cpu")]
    [TestCase("cuda:")]
    [TestCase("auto:1")]
    [TestCase("opencl:x")]
    [TestCase("cpu:-1")]
    [TestCase("cpu:+0")]
    [TestCase("cpu:0:0")]
    [TestCase("cpu:99999999999")]
    public void A_name_that_means_nothing_is_refused_with_those_that_do(string request)
    {
        string message = Refusal(request);
        Assert.That(message, Does.Contain($"'{request}'"));
        Assert.That(AcceleratorCatalog.Kinds.Where(kind => !message.Contains(kind)), Is.Empty);
    }

    [TestCase("cpu:5")]
    [TestCase("opencl:9")]
    [TestCase("cuda:9")]
    public void A_device_that_is_not_there_is_refused_with_those_that_are(string request)
    {
        string kind = request.Split(':')[0];
        string there = catalog.Devices.Any(device => device.Kind == kind) ? $"{kind}:0" : "cpu:0";
        Assert.That(Refusal(request), Does.Contain(request).And.Contain(there));
    }

    [Test]
    public void A_refusal_says_why_no_device_of_a_kind_is_there([Values("cuda", "opencl")] string kind)
    {
        if (!catalog.Devices.Any(device => device.Kind == kind))
        {
            PassedOverDevice missing = catalog.PassedOver.First(
                device => device.Description.StartsWith(kind, StringComparison.OrdinalIgnoreCase));
            Assert.That(Refusal(kind), Does.Contain(missing.Reason).And.Contain("cpu:0"));
        }
    }

    [Test]
    public void Null_is_refused() => Assert.That(() => catalog.Choose(null!), Throws.ArgumentNullException);

    [Test]
    public void The_accelerator_of_a_device_is_started()
    {
        using Accelerator accelerator = catalog.Start(catalog.Choose("cpu"));
        Assert.That(accelerator.AcceleratorType, Is.EqualTo(AcceleratorType.CPU));
    }

    [Test]
    public void Another_shape_of_the_processor_is_taken()
    {
        using AcceleratorCatalog other = KernelContext.OpenCatalog(new CPUDevice(4, 2, 3));
        Device device = other.Choose("cpu").Device;
        Assert.That((device.MaxNumThreadsPerGroup, device.NumMultiprocessors), Is.EqualTo((8, 3)));
    }

    string Refusal(string request)
    {
        InvalidRequestException refusal = Assert.Throws<InvalidRequestException>(() => catalog.Choose(request))!;
        Assert.That(refusal.Message, Does.Not.Contain("\n"));
        return refusal.Message;
    }
}
