using System.Runtime.CompilerServices;
using ILGPU;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// Checks of the launchers: a kernel believes its sizes, and an index beyond a view ends the process or corrupts memory, depending on
/// the backend.
/// </summary>
static class ViewChecks
{
    /// <summary>Checks that a view holds what the sizes say.</summary>
    /// <param name="view">The view.</param>
    /// <param name="expected">How many elements it must have.</param>
    /// <param name="name">The name of the argument; the compiler fills it in.</param>
    /// <exception cref="ArgumentException">The view has another length.</exception>
    public static void CheckLength<T>(ArrayView<T> view, long expected, [CallerArgumentExpression(nameof(view))] string? name = null)
        where T : unmanaged
    {
        if (view.Length != expected)
        {
            throw new ArgumentException($"{name} has {view.Length} elements and must have {expected}", name);
        }
    }

    /// <summary>Checks that a view holds whole rows.</summary>
    /// <param name="view">The view.</param>
    /// <param name="width">The width of a row, at least 1.</param>
    /// <param name="name">The name of the argument; the compiler fills it in.</param>
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
