using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Model;

/// <summary>The lectures' language model: learns names, tells how likely it finds them, and makes up new ones.</summary>
/// <remarks>
/// <para>
/// A seed repeats everything bit for bit on the same device: the same calls give the model, losses and names of the program
/// <c>makemore</c>. A model is used by one thread at a time, and may be disposed before or after its device.
/// </para>
/// <example>
/// <code>
/// using var device = ComputeDevice.Open();
/// using var model = new LanguageModel(device, NameList.Embedded, Recipe.Default with { Hidden = [64] });
/// model.Train(new TrainingOptions { Steps = 10_000 });
/// Console.WriteLine($"dev loss {model.Evaluate().Dev:F4}");
/// Console.WriteLine(string.Join(' ', model.Sample(6)));
/// model.Save("model.safetensors");
/// </code>
/// </example>
/// </remarks>
public sealed class LanguageModel : IDisposable
{
    readonly ComputeDevice device;
    readonly Mlp network;
    readonly Vocabulary vocabulary;
    readonly ulong seed;
    Configuration configuration;
    TorchGenerator generator;
    Dataset? data;
    float firstLoss;
    bool isDisposed;

    /// <summary>Draws an untrained model, whose characters are those of some names.</summary>
    /// <param name="device">The device that it works on.</param>
    /// <param name="names">The names that it is trained and evaluated on.</param>
    /// <param name="recipe">The network; null for <see cref="Recipe.Default"/>.</param>
    /// <param name="seed">The seed of all random numbers; null for the lectures'.</param>
    /// <exception cref="InvalidRequestException">A setting of the recipe cannot be, or the names are too few.</exception>
    public LanguageModel(ComputeDevice device, NameList names, Recipe? recipe = null, ulong? seed = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(names);
        recipe ??= Recipe.Default;
        recipe.Validate();
        this.device = device;
        this.seed = seed ?? Seeds.LectureSeed;
        data = Dataset.Create(names.File, recipe.Context);
        vocabulary = data.Vocabulary;
        configuration = Configuration.Resolve(recipe, data.Train.Count, seed: this.seed);
        SizeLimits.Check(configuration, vocabulary.Count);
        Names = names;
        network = new Mlp(device.Kernels, recipe, vocabulary.Count);
        generator = network.Draw(configuration.Seeds);
    }

    LanguageModel(ComputeDevice device, ModelFile file)
    {
        this.device = device;
        (configuration, vocabulary, StepsDone) = (file.Configuration, file.Vocabulary, file.Step);
        seed = configuration.Seed;
        network = file.Load(device.Kernels);
        generator = BatchSequence.GeneratorAfter(device.Kernels, configuration, vocabulary.Count, StepsDone);
    }

    /// <summary>The names that it is trained and evaluated on; null after <see cref="Load"/> until they are set.</summary>
    /// <exception cref="InvalidRequestException">A name holds a character that the model does not know, or they are too few.</exception>
    public NameList? Names
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            data = Dataset.Create(value.File, Recipe.Context, vocabulary);
            field = value;
        }
    }

    /// <summary>The network.</summary>
    public Recipe Recipe => configuration.Recipe;

    /// <summary>The steps that it was trained for.</summary>
    public int StepsDone { get; private set; }

    /// <summary>How many parameters are trained.</summary>
    public int ParameterCount => network.ParameterCount;

    /// <summary>The parameters, then the running statistics, under the lectures' names. They belong to the model.</summary>
    public IReadOnlyList<Tensor> Tensors => [.. network.Tensors];

    /// <summary>Reads a model that <see cref="Save"/> or the program <c>makemore</c> has written.</summary>
    /// <param name="device">The device that it works on.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidRequestException">It is not a model; the message says why.</exception>
    public static LanguageModel Load(ComputeDevice device, string path)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new LanguageModel(device, ModelFile.Read(path));
    }

    /// <summary>Trains, from where the model is to the step that the options name.</summary>
    /// <param name="options">How; null for the lectures' way.</param>
    /// <param name="progress">Told after each launch, of one step or many, on the calling thread; null for nobody.</param>
    /// <param name="cancellation">Stops between two launches. The model keeps its steps, and can be trained further.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="DivergedException">The loss is no longer a number. The parameters are lost.</exception>
    /// <exception cref="InvalidRequestException">A setting cannot be, or the form has no such layer.</exception>
    /// <exception cref="InvalidOperationException">The model has no <see cref="Names"/>.</exception>
    public TrainingResult Train(
        TrainingOptions? options = null, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        options ??= new TrainingOptions();
        Dataset names = RequireNames();
        configuration = Configuration.Resolve(Recipe, names.Train.Count, options.Steps, options.DropAt, seed);
        SizeLimits.Check(configuration, vocabulary.Count);
        if (configuration.Steps < StepsDone)
        {
            throw new InvalidRequestException(
                $"{nameof(TrainingOptions.Steps)} is {configuration.Steps}, and the model was trained for {StepsDone}: give at least "
                    + $"as many");
        }
        Strategy strategy = StrategyOf(options.Form);
        using DevMeter? meter = options.EvaluateEvery is { } every
            ? new DevMeter(device.Kernels, network, strategy, names.Dev, new DevPlan(every, names.Dev.Count))
            : null;
        var trainer = new Trainer(device.Kernels, network, configuration, generator, strategy)
        {
            Start = new TrainingState(StepsDone, generator.ToText(), firstLoss, RecentLoss: 0, RecentSteps: 0, Dev: null),
            DevMeter = meter,
        };
        var losses = new List<float>();
        try
        {
            trainer.Run(names.Train, steps => Report(trainer, steps, losses, progress), cancellation);
        }
        finally
        {
            StepsDone = trainer.StepsDone;
            firstLoss = firstLoss == 0 && losses.Count > 0 ? losses[0] : firstLoss;
        }
        if (Recipe.Normalization is { Evaluation: EvaluationStatistics.Calibrated })
        {
            Calibration.Calibrate(device.Kernels, network, strategy, names.Train, cancellation: cancellation);
        }
        cancellation.ThrowIfCancellationRequested();
        return new TrainingResult(StepsDone, losses, trainer.StepsPerSecond);
    }

    /// <summary>The mean losses over the three splits of the names.</summary>
    /// <param name="cancellation">Gives up between two launches.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="InvalidOperationException">The model has no <see cref="Names"/>.</exception>
    public SplitLosses Evaluate(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        Dataset names = RequireNames();
        using var evaluator = new Evaluator(device.Kernels, network, StrategyOf(StepForm.Auto));
        return new SplitLosses(
            evaluator.Loss(names.Train, cancellation), evaluator.Loss(names.Dev, cancellation), evaluator.Loss(names.Test, cancellation));
    }

    /// <summary>Draws names, one after another from one generator.</summary>
    /// <param name="count">How many.</param>
    /// <param name="settings">How; null for the lectures' seed, and as likely as the model finds them.</param>
    /// <exception cref="InvalidRequestException">The names are to begin with a character that the model does not know.</exception>
    public IReadOnlyList<string> Sample(int count, SamplingSettings? settings = null)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var sampler = new Sampler(device.Kernels, network, vocabulary, StrategyOf(StepForm.Auto));
        return [.. sampler.Draw(settings ?? new SamplingSettings()).Take(count)];
    }

    /// <summary>Writes the model, whole or not at all: safetensors with the lectures' names, which PyTorch and the program read.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="InvalidOperationException">The model has no <see cref="Names"/>.</exception>
    public void Save(string path)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelFile.Of(network, configuration, RequireNames(), StepsDone).Write(path);
    }

    /// <summary>Gives the memory back. It may come before or after the end of its device.</summary>
    public void Dispose()
    {
        isDisposed = true;
        network.Dispose();
    }

    static void Report(
        Trainer trainer, IReadOnlyList<StepResult> steps, List<float> losses, IProgress<TrainingProgress>? progress)
    {
        float[] own = [.. steps.Select(step => step.Loss)];
        losses.AddRange(own);
        progress?.Report(new TrainingProgress(
            trainer.StepsDone, trainer.Steps, own, steps[^1].LearningRate, steps[0].DevLoss, trainer.StepsPerSecond));
    }

    Dataset RequireNames() => data
        ?? throw new InvalidOperationException($"the model was loaded without its names: set {nameof(Names)}");

    Strategy StrategyOf(StepForm form) =>
        Strategy.Named(form.ToString(), device.Accelerator.Device, Recipe, vocabulary.Count);
}
