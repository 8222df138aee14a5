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
