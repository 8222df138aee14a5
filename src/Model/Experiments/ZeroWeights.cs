using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// What trains where every weight and bias is 0 at the start. The hidden units h are 0, and so is dW2 = hᵀ·dlogits; W2 is 0, and so is
/// dh = dlogits·W2ᵀ, with all gradients below it. Neither ever changes: the last bias alone learns, and the best that it can do is to give
/// each character its frequency, whatever the context.
/// </summary>
/// <param name="Steps">The steps of each training.</param>
/// <param name="Uniform">The loss of a guess, ln V.</param>
/// <param name="Entropy">
/// -Σ p·ln p of the frequencies p of the targets of the training split: the least loss over it that is possible without a context.
/// </param>
/// <param name="Networks">What became of each network.</param>
sealed record ZeroWeights(int Steps, double Uniform, double Entropy, IReadOnlyList<ZeroNetwork> Networks)
{
    /// <summary>ε of the normalization. Units that do not vary are divided by its root; without it, 0 / 0 is not a number.</summary>
    public const double Epsilon = 1e-5;

    /// <summary>Trains recipes kaiming and batchnorm from weights of 0.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="steps">The steps of each training.</param>
    public static ZeroWeights Run(ExperimentContext context, int steps)
    {
        ArgumentNullException.ThrowIfNull(context);
        var normalized = Recipe.Named("batchnorm");
        Recipe[] recipes =
        [
            Recipe.Named("kaiming"),
            normalized with { Normalization = normalized.Normalization! with { Epsilon = Epsilon } },
        ];
        return new ZeroWeights(
            steps, context.Data.Vocabulary.UniformLoss, EntropyOf(context.Data.Train.Tokens),
            [.. recipes.Select(recipe => ZeroNetwork.Of(context, WithZeros(recipe), steps))]);
    }

    // The random numbers of the weights are drawn nevertheless, so that the batches are the recipe's.
    static Recipe WithZeros(Recipe recipe) => recipe with
    {
        HiddenWeight = new Draw(0),
        HiddenBias = recipe.HiddenBias is null ? null : new Draw(0),
        OutputWeight = new Draw(0),
        OutputBias = new Draw(0),
    };

    static double EntropyOf(int[] targets) =>
        targets.CountBy(target => target).Select(pair => (double)pair.Value / targets.Length).Sum(part => -part * Math.Log(part));
}

/// <summary>A network whose weights were all 0.</summary>
/// <param name="Recipe">The recipe that all else is of.</param>
/// <param name="Training">How the training went.</param>
/// <param name="Loss">The mean loss over the training split after it.</param>
/// <param name="Parameters">What moved.</param>
sealed record ZeroNetwork(string Recipe, TrainingRecord Training, double Loss, IReadOnlyList<ParameterMotion> Parameters)
{
    internal static ZeroNetwork Of(ExperimentContext context, Recipe recipe, int steps)
    {
        // A network of its own: a batch to look at would be missing from the training.
        double[] firstGradients;
        using (ExperimentRun first = context.Draw(recipe))
        {
            first.Inspect();
            firstGradients = Gradients(first.Network);
        }
        using ExperimentRun run = context.Draw(recipe);
        IReadOnlyList<Tensor> parameters = run.Network.Parameters.Tensors;
        float[][] start = [.. parameters.Select(parameter => parameter.ToArray())];
        TrainingRecord training = run.Train(steps);
        run.Inspect();
        double[] lastGradients = Gradients(run.Network);
        using var evaluator = new Evaluator(context.Kernels, run.Network, context.StrategyFor(recipe));
        return new ZeroNetwork(
            recipe.Name, training, evaluator.Loss(context.Data.Train, context.Cancellation),
            [
                .. parameters.Select((parameter, i) => new ParameterMotion(
                    parameter.Name, parameter.Shape, firstGradients[i], lastGradients[i], Distance(start[i], parameter.ToArray()))),
            ]);
    }

    static double[] Gradients(Mlp network) => [.. network.Parameters.Tensors.Select(parameter => ParameterGradient.Of(parameter).Mean)];

    static double Distance(float[] before, float[] after) => before.Zip(after, (x, y) => Math.Abs((double)y - x)).Average();
}

/// <summary>How far a training moved a parameter. Each number is a mean over its values, without their signs.</summary>
/// <param name="Name">The parameter's name.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="FirstGradient">Its gradient before the first step.</param>
/// <param name="LastGradient">Its gradient after the last one.</param>
/// <param name="Change">The difference between its values after the training and before it.</param>
sealed record ParameterMotion(
    string Name, IReadOnlyList<int> Shape, double FirstGradient, double LastGradient, double Change);
