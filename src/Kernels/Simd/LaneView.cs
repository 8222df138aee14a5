using ILGPU;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>Views of values as views of lanes: how kernels for a GPU take them, four at a time where they can.</summary>
static class LaneView
{
    /// <summary>Whether views can be taken as views of <see cref="TwiceLanes{THalf}"/>: each begins at a whole one and has whole ones only.</summary>
    /// <param name="views">The views.</param>
    public static bool AreQuads(params ReadOnlySpan<ArrayView<float>> views)
    {
        foreach (ArrayView<float> view in views)
        {
            if (Start(view) % Quad.Count != 0 || view.Length % Quad.Count != 0)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The same memory as lanes.</summary>
    /// <typeparam name="TLanes">The lanes: <see cref="Scalar"/>, or <see cref="TwiceLanes{THalf}"/> where <see cref="AreQuads"/> holds.</typeparam>
    /// <param name="view">The values.</param>
    public static ArrayView<TLanes> As<TLanes>(this ArrayView<float> view)
        where TLanes : unmanaged, IPortableLanes<TLanes> => view.Cast<TLanes>();

    // Where a view begins in its buffer, which itself begins at a whole line of memory. Generic, so that the view is not boxed.
    static long Start<TView>(TView view)
        where TView : IContiguousArrayView => view.Index;
}
