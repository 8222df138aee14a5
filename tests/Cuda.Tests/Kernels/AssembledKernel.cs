using Makemore.Gpu.Cuda.Tests.Driver;

namespace Makemore.Gpu.Cuda.Tests.Kernels;

/// <summary>A kernel with what the assembler says of it.</summary>
/// <param name="Kernel">The kernel.</param>
/// <param name="Form">Its name, with a number where the same method was compiled several times for the same groups.</param>
/// <param name="Figures">The figures.</param>
sealed record AssembledKernel(CompiledKernel Kernel, string Form, KernelFigures Figures)
{
    static readonly Lazy<IReadOnlyDictionary<StandInDevice, IReadOnlyList<AssembledKernel>>> Assembled = new(AssembleAll);

    /// <summary>The threads of its groups, as they were launched.</summary>
    public string Groups => string.Join(", ", GroupsOf(Kernel));

    /// <summary>All kernels that the program loads on a device, in the order in which they are loaded.</summary>
    /// <param name="device">The device.</param>
    public static IReadOnlyList<AssembledKernel> For(StandInDevice device) => Assembled.Value[device];

    // The assembler works on one architecture's modules while the next one's are compiled.
    static Dictionary<StandInDevice, IReadOnlyList<AssembledKernel>> AssembleAll()
    {
        var started = new Dictionary<StandInDevice, Task<AssembledKernel>[]>();
        foreach (StandInDevice device in StandInDevice.All)
        {
            started[device] = [.. CompiledKernel.For(device).Select((kernel, index) => Assemble(kernel, FormOf(device, index)))];
        }
        return started.ToDictionary(
            device => device.Key, device => (IReadOnlyList<AssembledKernel>)Task.WhenAll(device.Value).GetAwaiter().GetResult());
    }

    static async Task<AssembledKernel> Assemble(CompiledKernel kernel, string form)
    {
        try
        {
            return new AssembledKernel(kernel, form, await Assembler.Assemble(kernel.Ptx, kernel.Device.Architecture));
        }
        catch (InvalidOperationException fault)
        {
            throw new InvalidOperationException($"{form} for {kernel.Device}: {fault.Message}", fault);
        }
    }

    static string FormOf(StandInDevice device, int index)
    {
        CompiledKernel kernel = CompiledKernel.For(device)[index];
        int before = CompiledKernel.For(device).Take(index)
            .Count(other => other.Name == kernel.Name && GroupsOf(other).SequenceEqual(GroupsOf(kernel)));
        return before == 0 ? kernel.Name : $"{kernel.Name} ({before + 1})";
    }

    static IEnumerable<int> GroupsOf(CompiledKernel kernel) => kernel.Launches.Select(launch => launch.GroupSize).Distinct().Order();
}
