using ILGPU;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>
/// What a GPU computes in two forms: by <see cref="TwiceLanes{THalf}"/>, which it reads and writes fastest, and by <see cref="Scalar"/>, where values do not
/// lie in whole quads. Each is made when it is first used.
/// </summary>
/// <typeparam name="TForm">The form, as the method that launches its kernels.</typeparam>
/// <param name="quads">Makes the form by quads.</param>
/// <param name="scalars">Makes the form by scalars.</param>
sealed class LaneForms<TForm>(Func<TForm> quads, Func<TForm> scalars)
    where TForm : class
{
    TForm Quads => field ??= quads();

    TForm Scalars => field ??= scalars();

    /// <summary>The form for values in any shape.</summary>
    /// <param name="views">All values; those that are taken together begin at the same place of their views.</param>
    public TForm For(params ReadOnlySpan<ArrayView<float>> views) => LaneView.AreQuads(views) ? Quads : Scalars;

    /// <summary>The form for matrices, and vectors with a value for each column.</summary>
    /// <param name="columns">Columns.</param>
    /// <param name="views">All values.</param>
    public TForm ForColumns(int columns, params ReadOnlySpan<ArrayView<float>> views) => columns % Quad.Count == 0 && LaneView.AreQuads(views) ? Quads : Scalars;
}

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
