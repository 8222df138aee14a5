using System.CommandLine;
using System.Globalization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>A model from the tensors that another program has written.</summary>
static class ImportCommand
{
    static readonly Argument<string> Tensors = new("FILE")
    {
        Description = "safetensors with the lectures' names, as PyTorch writes them; weights are [in, out]",
    };

    static readonly Option<string?> Folder = new("--run")
    {
        Description = "the folder of the model; runs/imported-N with the next free N",
        HelpName = "DIR",
    };

    static readonly Option<bool> Force = new("--force") { Description = "write into a folder that exists, over a model that is there" };

    static readonly Option<string?> RecipeName = new("--recipe")
    {
        Description = "the recipe whose settings are taken where the tensors tell none; the one with tensors of these names",
        HelpName = "R",
    };

    static readonly Option<Activation?> ActivationName = CommonOptions.Choice<Activation>(
        "--activation", "what follows each hidden layer, which tensors do not tell; as the recipe has it");

    static readonly Option<double?> Epsilon = CommonOptions.Number<double>(
        "--bn-epsilon", "what a normalization adds to the variance; as the recipe has it");

    static readonly Option<int?> Groups = CommonOptions.Number<int>("--groups", "the groups of a group normalization");

    public static Command Create() =>
        new("import", "makes a model of safetensors that PyTorch wrote with the lectures' names, such as C, W1 and bngain")
        {
            Tensors, Folder, Force, RecipeName, ActivationName, Epsilon, Groups, DataOptions.All,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        string file = parsed.GetRequiredValue(Tensors);
        (string? folder, bool force) = (parsed.GetValue(Folder), parsed.GetValue(Force));
        OutputFolder.CheckFree(folder, force, [RunFolder.ModelFileName]);
        if (folder is not null && File.Exists(Path.Combine(folder, RunFolder.MetricsFile)))
        {
            throw new InvalidRequestException($"'{folder}' holds a run, with the losses of its own model: give another {Folder.Name}");
        }
        var imported = ImportedModel.Read(file, new ImportSettings(
            parsed.GetValue(RecipeName) is { } name ? Recipe.Named(name) : null,
            parsed.GetValue(ActivationName), parsed.GetValue(Epsilon), CommonOptions.AtLeast(parsed, Groups, 1)));
        ModelFile model = WithVocabulary(imported, parsed, session);
        string path = OutputFolder.Create(folder, "imported", force, made =>
        {
            using var held = FolderLock.Take(made);
            string target = Path.Combine(made, RunFolder.ModelFileName);
            model.Write(target);
            return target;
        });
        Recipe recipe = imported.Recipe;
        session.Text.WriteLine($"{path}  recipe {recipe.Name}, context {recipe.Context}, embedding {recipe.Embedding}, "
            + $"hidden {string.Join(",", recipe.Hidden)}, {Format.Word(recipe.Activation)}, {Describe(recipe.Normalization)}");
        session.Result(new
        {
            Model = path,
            Recipe = recipe.Name,
            recipe.Context,
            recipe.Embedding,
            recipe.Hidden,
            Activation = Format.Word(recipe.Activation),
            recipe.Normalization?.Epsilon,
            Vocabulary = model.Vocabulary.Tokens,
        });
        return 0;
    }

    static ModelFile WithVocabulary(ImportedModel imported, ParseResult parsed, Session session)
    {
        if (parsed.GetValue(DataOptions.Data) is { } data)
        {
            return imported.WithNames(SlowReading.Read(session, data, DataOptions.Resolve(parsed)));
        }
        if (parsed.FirstGiven(DataOptions.All) is { } option)
        {
            throw new InvalidRequestException($"{option.Name} is for the names of {DataOptions.Data.Name}: give that, too");
        }
        ModelFile model = imported.WithLectureVocabulary();
        session.Note($"note: the tokens are taken to be those of the lectures' names, . and a to z: {DataOptions.Data.Name} gives others");
        return model;
    }

    static string Describe(Normalization? normalization) => normalization is null
        ? "no normalization"
        : $"{Format.Word(normalization.Kind)} normalization with epsilon {normalization.Epsilon.ToString(CultureInfo.InvariantCulture)}";
}
