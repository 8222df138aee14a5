using Makemore.Gpu.Kernels.Tensors;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// Why a layer before batch normalization needs no bias: the normalization subtracts the batch's mean, and a bias, the same for every
/// example, with it. Its gradient is a sum over the batch of values whose mean the normalization's backward pass took away: 0, to rounding.
/// </summary>
/// <param name="Loss">The loss of the batch.</param>
/// <param name="Gradients">The gradients of all parameters of recipe backprop for its first batch.</param>
sealed record BiasBeforeBatchNorm(double Loss, IReadOnlyList<ParameterGradient> Gradients)
{
    /// <summary>The recipe.</summary>
    public const string Recipe = "backprop";

    /// <summary>The bias before the normalization.</summary>
    public const string BiasBefore = "b1";

    /// <summary>The bias after it, which does its work.</summary>
    public const string BiasAfter = "bnbias";

    /// <summary>Draws the network and runs a batch forward and backward.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    public static BiasBeforeBatchNorm Run(ExperimentContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        using ExperimentRun run = context.Draw(Recipes.Recipe.Named(Recipe));
        double loss = run.Inspect().Loss;
        return new BiasBeforeBatchNorm(loss, [.. run.Network.Parameters.Tensors.Select(ParameterGradient.Of)]);
    }
}

/// <summary>The gradient of a parameter.</summary>
/// <param name="Name">The parameter's name.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Values">The gradient, row by row.</param>
sealed record ParameterGradient(string Name, IReadOnlyList<int> Shape, IReadOnlyList<float> Values)
{
    /// <summary>The largest value, without its sign.</summary>
    public float Largest => Values.Max(Math.Abs);

    /// <summary>The mean of the values without their signs.</summary>
    public double Mean => Values.Average(value => Math.Abs((double)value));

    internal static ParameterGradient Of(Tensor parameter) => new(parameter.Name, parameter.Shape, parameter.GradientToArray());
}
