namespace Makemore.Gpu.Kernels.Tests;

/// <summary>Memory on a device with other memory around it that no kernel may write.</summary>
interface IDeviceArray : IDisposable
{
    /// <summary>Waits for all launches. Fails where one wrote around the memory.</summary>
    void AssertGuarded();
}
