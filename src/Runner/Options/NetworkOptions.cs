using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Runner.Options;

/// <summary>The options by which a network and its training are chosen, for all commands that train one.</summary>
static class NetworkOptions
{
    /// <summary>The seed.</summary>
    public static Option<ulong?> Seed { get; } = CommonOptions.Number<ulong>(
        "--seed", $"seed of all random numbers; {Seeds.LectureSeed}");

    /// <summary>The tokens of a context.</summary>
    public static Option<int?> Context { get; } = CommonOptions.Number<int>(
        "--context", "characters that the next one is predicted from");

    static readonly Option<string?> RecipeName = new("--recipe")
    {
        Description = $"the network to start from, in which the other options change a setting; {Recipe.Default.Name}"
            + string.Concat(Recipe.All.Select(recipe => $"\n- {recipe.Name}: {recipe.Summary}")),
        HelpName = "R",
    };

    static readonly Option<int?> Steps = CommonOptions.Number<int>(
        "--steps", "steps of training; 200,000, or 40 passes over the examples where that is fewer");

    static readonly Option<int?> Batch = CommonOptions.Number<int>("--batch", "examples of a step");
    static readonly Option<int?> Embedding = CommonOptions.Number<int>("--embedding", "values that stand for a character");
    static readonly Option<int[]?> Hidden = CommonOptions.Numbers<int>("--hidden", "units of the hidden layer, or of each of several");

    static readonly Option<double?> LearningRate = CommonOptions.Number<double>(
        "--learning-rate", "the learning rate before its drop to a tenth");

    static readonly Option<int?> DropAt = CommonOptions.Number<int>(
        "--drop-at",
        "the first step at a tenth of the learning rate; whatever --steps says, half of the steps without it, three quarters for the deep "
        + "recipes");

    static readonly Option<double?> Gain = CommonOptions.Number<double>(
        "--gain", "draw the hidden layers' weights as randn · N / sqrt(inputs of the layer)");

    static readonly Option<double?> HiddenScale = CommonOptions.Number<double>(
        "--hidden-scale", "draw the hidden layers' weights as randn · N, whatever their inputs");

    static readonly Option<double?> OutputScale = CommonOptions.Number<double>(
        "--output-scale", "the factor of the last layer's weights; where the logits are normalized, the gain of that normalization");

    static readonly Option<double[]?> L2 = CommonOptions.Numbers<double>(
        "--l2",
        "three numbers a,b,c: add a·mean(C²) + b·mean(W²) of each hidden layer + c·mean(W²) of the last to the loss of training; 0,0,0");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } =
        [RecipeName, Steps, Seed, Batch, Context, Embedding, Hidden, LearningRate, DropAt, Gain, HiddenScale, OutputScale, L2];

    /// <summary>The recipe that was asked for, with the settings that were.</summary>
    /// <param name="parsed">The call.</param>
    /// <exception cref="InvalidRequestException">There is no such recipe, or a setting cannot be.</exception>
    public static Recipe ResolveRecipe(ParseResult parsed)
    {
        Recipe recipe = parsed.GetValue(RecipeName) is { } name ? Recipe.Named(name) : Recipe.Default;
        recipe = recipe with
        {
            Batch = parsed.GetValue(Batch) ?? recipe.Batch,
            Context = parsed.GetValue(Context) ?? recipe.Context,
            Embedding = parsed.GetValue(Embedding) ?? recipe.Embedding,
            Hidden = parsed.GetValue(Hidden) is { Length: > 0 } hidden ? hidden : recipe.Hidden,
            LearningRate = parsed.GetValue(LearningRate) ?? recipe.LearningRate,
            HiddenWeight = (parsed.GetValue(Gain), parsed.GetValue(HiddenScale)) switch
            {
                (null, null) => recipe.HiddenWeight,
                ({ } gain, null) => new Draw(gain, ByFanIn: true),
                (null, { } scale) => new Draw(scale),
                _ => throw new InvalidRequestException(
                    "--gain and --hidden-scale both say how the hidden weights are drawn: give one of them"),
            },
            L2 = parsed.GetValue(L2) switch
            {
                null or [] => recipe.L2,
                [var embedding, var hiddenWeights, var output] => new L2Coefficients(embedding, hiddenWeights, output),
                var others => throw new InvalidRequestException(
                    $"--l2 has {others.Length} numbers and must have three: for C, for the hidden and for the last weights"),
            },
        };
        recipe = parsed.GetValue(OutputScale) is { } outputScale ? recipe.WithOutputScale(outputScale) : recipe;
        recipe.Validate();
        return recipe;
    }

    /// <summary>All settings of a run, with those that were asked for.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="data">What is trained on.</param>
    /// <exception cref="InvalidRequestException">A setting cannot be.</exception>
    public static Configuration Resolve(ParseResult parsed, Recipe recipe, Dataset data)
    {
        var configuration = Configuration.Resolve(
            recipe, data.Train.Count, parsed.GetValue(Steps), parsed.GetValue(DropAt), parsed.GetValue(Seed));
        SizeLimits.Check(configuration, data.Vocabulary.Count);
        return configuration;
    }
}
