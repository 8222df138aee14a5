using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
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
        CompletionSources = { Recipe.All.Select(recipe => recipe.Name).ToArray() },
    };

    /// <summary>The steps of training.</summary>
    public static Option<int?> Steps { get; } = CommonOptions.Number<int>(
        "--steps", "steps of training; 200,000, or 40 passes over the examples where that is fewer");

    static readonly Option<int?> Batch = CommonOptions.Number<int>("--batch", "examples of a step");
    static readonly Option<int?> Embedding = CommonOptions.Number<int>("--embedding", "values that stand for a character");
    static readonly Option<int[]?> Hidden = CommonOptions.Numbers<int>("--hidden", "units of the hidden layer, or of each of several");

    static readonly Option<Activation?> ActivationName = CommonOptions.Choice<Activation>(
        "--activation",
        "what follows each hidden layer; hidden weights that are drawn by the gain of the recipe's activation are drawn by that of this "
        + "one: tanh 5/3, relu sqrt(2), the others 1");

    static readonly Option<double?> LearningRate = CommonOptions.Number<double>("--learning-rate", "the learning rate before its drop");

    static readonly Option<double?> FinalRate = CommonOptions.Number<double>(
        "--final-rate", "the learning rate after its drop; a tenth of the one before");

    static readonly Option<int?> DropAt = CommonOptions.Number<int>(
        "--drop-at",
        "the first step at the final learning rate; whatever --steps says, half of the steps without it, three quarters for the deep "
        + "recipes");

    static readonly Option<ulong?> BatchSeed = CommonOptions.Number<ulong>(
        "--batch-seed", "seed of the batches alone; without it the generator of the weights goes on to draw them");

    /// <summary>Those of the network.</summary>
    public static IReadOnlyList<Option> OfNetwork { get; } =
        [RecipeName, Context, Embedding, Hidden, ActivationName, .. WeightOptions.All, .. NormalizationOptions.All];

    /// <summary>Those of its training.</summary>
    public static IReadOnlyList<Option> OfTraining { get; } = [Steps, Batch, LearningRate, FinalRate, DropAt, Seed, BatchSeed];

    /// <summary>All of them, in the order in which a sweep writes them down.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        RecipeName, Steps, Seed, BatchSeed, Batch, Context, Embedding, Hidden, ActivationName, LearningRate, FinalRate, DropAt,
        .. WeightOptions.All, .. NormalizationOptions.All,
    ];

    /// <summary>The recipe that was asked for, with the settings that were.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="before">The recipe where the call does not name another one; null for the default.</param>
    /// <exception cref="InvalidRequestException">There is no such recipe, or a setting cannot be.</exception>
    public static Recipe ResolveRecipe(ParseResult parsed, Recipe? before = null)
    {
        Recipe recipe = parsed.GetValue(RecipeName) is { } name ? Recipe.Named(name) : before ?? Recipe.Default;
        recipe = recipe with
        {
            Batch = parsed.GetValue(Batch) ?? recipe.Batch,
            Context = parsed.GetValue(Context) ?? recipe.Context,
            Embedding = parsed.GetValue(Embedding) ?? recipe.Embedding,
            Hidden = parsed.GetValue(Hidden) is { Length: > 0 } hidden ? hidden : recipe.Hidden,
            LearningRate = parsed.GetValue(LearningRate) ?? recipe.LearningRate,
            FinalRate = parsed.GetValue(FinalRate) ?? recipe.FinalRate,
        };
        recipe = NormalizationOptions.Resolve(parsed, recipe);
        recipe = parsed.GetValue(ActivationName) is { } activation ? recipe.WithActivation(activation) : recipe;
        recipe = WeightOptions.Resolve(parsed, recipe);
        recipe.Validate();
        return recipe;
    }

    /// <summary>All settings of a run, with those that were asked for.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="data">What is trained on.</param>
    /// <param name="defaultSteps">The steps where nobody asked for a number; null for the lectures'.</param>
    /// <param name="before">The settings where the call does not say others; null for the recipe's own.</param>
    /// <exception cref="InvalidRequestException">A setting cannot be.</exception>
    public static Configuration Resolve(
        ParseResult parsed, Recipe recipe, Dataset data, int? defaultSteps = null, Configuration? before = null)
    {
        ulong? seed = parsed.GetValue(Seed);
        Configuration configuration = Configuration.Resolve(
            recipe, data.Train.Count, parsed.GetValue(Steps) ?? before?.Steps ?? defaultSteps,
            parsed.GetValue(DropAt) ?? before?.DropAt, seed ?? before?.Seed) with
        {
            BatchSeed = parsed.GetValue(BatchSeed) ?? before?.BatchSeed,
        };
        if (before is not null && seed is null)
        {
            configuration = configuration with { NormalizationSeed = before.NormalizationSeed };
        }
        SizeLimits.Check(configuration, data.Vocabulary.Count);
        return configuration;
    }
}
