namespace Makemore.Gpu.Model.Recipes;

/// <summary>
/// The coefficients of the L2 loss, which training adds to the loss: embedding · mean(C²) + hidden · mean(W²) of each hidden layer's
/// weights + output · mean(W²) of the last layer's.
/// </summary>
/// <param name="Embedding">The coefficient of the embedding table.</param>
/// <param name="Hidden">The coefficient of the weights of each hidden layer.</param>
/// <param name="Output">The coefficient of the weights to the logits.</param>
public sealed record L2Coefficients(double Embedding, double Hidden, double Output)
{
    /// <summary>No L2 loss.</summary>
    public static L2Coefficients None { get; } = new(0, 0, 0);
}
