using TorchSharp;
using static TorchSharp.torch;

namespace Makemore.Gpu.Torch;

/// <summary>Gradient descent, in place.</summary>
/// <param name="rate">What gradients are multiplied by before they are taken off.</param>
sealed class Sgd(float rate) : IDisposable
{
    readonly Scalar factor = -rate;

    /// <summary>p -= rate · dp.</summary>
    /// <param name="parameter">p.</param>
    /// <param name="gradient">dp.</param>
    public void Update(Tensor parameter, Tensor gradient) => parameter.add_(gradient, factor);

    /// <summary>p -= rate · left·right: the gradient of a weight is a product, and torch adds a product in one operation.</summary>
    /// <param name="parameter">p.</param>
    /// <param name="left">The product's left matrix.</param>
    /// <param name="right">The product's right matrix.</param>
    public void UpdateByProduct(Tensor parameter, Tensor left, Tensor right) => parameter.addmm_(left, right, alpha: -rate);

    /// <summary>p[row] -= rate · dp[i] for each i and its row.</summary>
    /// <param name="parameter">p.</param>
    /// <param name="rows">The rows; the same one may come several times.</param>
    /// <param name="gradient">dp, a row for each of them.</param>
    public void UpdateRows(Tensor parameter, Tensor rows, Tensor gradient) => parameter.index_add_(0, rows, gradient, factor);

    /// <inheritdoc/>
    public void Dispose() => factor.Dispose();
}
