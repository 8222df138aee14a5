namespace Makemore.Gpu.Cuda.Tests.Driver;

/// <summary>Questions about the calls of the driver since the test began.</summary>
static class DriverCalls
{
    /// <summary>How often a function was called by the program itself.</summary>
    /// <param name="function">The function.</param>
    public static int Count(string function) => StandInDriver.Calls.Count(call => call.Name == function && call.Mode == CallMode.Plain);

    /// <summary>The launches of kernels.</summary>
    /// <param name="mode">How they came to be.</param>
    public static DriverCall[] Launches(CallMode mode) =>
        [.. StandInDriver.Calls.Where(call => call.Name == "cuLaunchKernel" && call.Mode == mode)];

    /// <summary>All that makes one launch do what another does.</summary>
    /// <param name="launch">The launch.</param>
    public static string Essence(DriverCall launch) =>
        $"{launch.Kernel} {launch.Function} {launch.Groups}x{launch.GroupSize} {launch.SharedBytes} on {launch.Stream}: "
        + Convert.ToHexString(launch.Arguments);
}
