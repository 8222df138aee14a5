using System.Runtime.CompilerServices;
using ILGPU;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// Argument checks of the launchers. Kernels check no bounds: an index beyond a view ends the process or corrupts memory, depending on the
/// backend.
/// </summary>
static class ViewChecks
{
    /// <summary>Checks that a view has the expected number of elements. The compiler fills in the argument's name.</summary>
    /// <exception cref="ArgumentException">The view has another length.</exception>
    public static void CheckLength<T>(ArrayView<T> view, long expected, [CallerArgumentExpression(nameof(view))] string? name = null)
        where T : unmanaged
    {
        if (view.Length != expected)
        {
            throw new ArgumentException($"{name} has {view.Length} elements and must have {expected}", name);
        }
    }

    /// <summary>Checks that a view consists of whole rows of a width, at least 1. The compiler fills in the argument's name.</summary>
    /// <exception cref="ArgumentException">The view's length is not a multiple of the width.</exception>
    public static void CheckRows<T>(ArrayView<T> view, int width, [CallerArgumentExpression(nameof(view))] string? name = null)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (view.Length % width != 0)
        {
            throw new ArgumentException($"{name} has {view.Length} elements and must have a multiple of {width}", name);
        }
    }
}
