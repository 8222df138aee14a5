using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Checkpoints;

/// <summary>A trained model as a file: the tensors under the lectures' names, and all that is needed to use it again.</summary>
/// <param name="Configuration">The settings of its training.</param>
/// <param name="Vocabulary">Its characters.</param>
/// <param name="NamesFormat">How the names that it was trained on were read.</param>
/// <param name="DataSource">What it was trained on, in words.</param>
/// <param name="DataSha256">The fingerprint of what it was trained on.</param>
/// <param name="Step">The steps that it was trained for.</param>
/// <param name="Tensors">Its tensors by name.</param>
sealed record ModelFile(
    Configuration Configuration, Vocabulary Vocabulary, NamesFormat NamesFormat, string DataSource, string DataSha256, int Step,
    IReadOnlyDictionary<string, StoredTensor> Tensors)
{
    /// <summary>Changes when a file of one version can no longer be read as another.</summary>
    const string Format = "makemore.gpu/1";

    const string TrainingKey = "training";
    const string ChecksumKey = "checksum";

    // Before the name of a split: the hashes of its names.
    const string NamesOf = "names_";

    /// <summary>The file that it was read from; null for a model that was not read.</summary>
    public string? Path { get; init; }

    /// <summary>What the model is called in messages: its path, where it was read from a file.</summary>
    public string Name => Path is null ? "the model" : $"'{Path}'";

    /// <summary>
    /// The names that it was trained on and evaluated on; null where the file does not hold them: it is of an earlier version, or they are
    /// more than <see cref="KnownNames.MostStored"/>.
    /// </summary>
    public KnownNames? KnownNames { get; init; }

    /// <summary>What training needs to go on from here; null in a finished model.</summary>
    public TrainingState? Training { get; init; }

    /// <summary>Whether all its values are numbers, and finite.</summary>
    public bool IsFinite => Tensors.Values.All(tensor => tensor.IsFinite);

    /// <summary>Takes a network's values off the accelerator.</summary>
    /// <param name="network">The network.</param>
    /// <param name="configuration">The settings of its training.</param>
    /// <param name="data">What it was trained on.</param>
    /// <param name="step">The steps that it was trained for.</param>
    public static ModelFile Of(Mlp network, Configuration configuration, Dataset data, int step)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        var tensors = network.Tensors.ToDictionary(tensor => tensor.Name, tensor => StoredTensor.Of(tensor.Shape, tensor.ToArray()));
        return new ModelFile(configuration, data.Vocabulary, data.File.Format, data.File.Source, data.File.Sha256, step, tensors)
        {
            KnownNames = data.KnownNames.Count <= KnownNames.MostStored ? data.KnownNames : null,
        };
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    public void Write(string path)
    {
        var metadata = new Dictionary<string, string>
        {
            ["format"] = Format,
            ["configuration"] = Configuration.ToJson(),
            ["vocabulary"] = Vocabulary.Write(),
            ["data_format"] = NamesFormat.ToJson(),
            ["data_source"] = DataSource,
            ["data_sha256"] = DataSha256,
            ["step"] = Step.ToString(CultureInfo.InvariantCulture),
        };
        foreach ((string split, string names) in KnownNames.Splits.Zip(KnownNames?.ToText() ?? []))
        {
            metadata.Add(NamesOf + split, names);
        }
        var file = new SafeTensors(Tensors, metadata);
        // A finished model is free to be changed by other programs.
        if (Training is not null)
        {
            metadata.Add(TrainingKey, Training.ToJson());
            metadata.Add(ChecksumKey, Checksum.Of(file));
        }
        file.Write(path);
    }

    /// <summary>Reads a file. Its header is compared with the configuration in it before any value is read.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidRequestException">It is not a model of this program; the message says why.</exception>
    public static ModelFile Read(string path)
    {
        ModelFile? described = null;
        var file = SafeTensors.Read(path, header => described = Describe(path, header));
        bool isSummed = file.Metadata.TryGetValue(ChecksumKey, out string? sum);
        if ((described!.Training is not null || isSummed) && sum != Checksum.Of(file with
        {
            Metadata = file.Metadata.Where(pair => pair.Key != ChecksumKey).ToDictionary(),
        }))
        {
            throw new InvalidRequestException($"'{path}' is damaged: its checksum is that of another content");
        }
        ModelFile model = described with { Tensors = file.Tensors };
        return model.IsFinite
            ? model
            : throw new InvalidRequestException(
                $"'{path}' holds weights that are not finite numbers: {WhyNotFinite(model.Step):whole}");
    }

    /// <summary>Why the numbers of a model are not finite, and what to do, for messages.</summary>
    /// <param name="step">The steps that it was trained for.</param>
    public static string WhyNotFinite(int step) => step == 0
        ? $"it was not trained, and was drawn so large; draw it smaller ({SettingName.Gain}, {SettingName.HiddenScale}, "
            + $"{SettingName.OutputScale})"
        : $"it has diverged; train it again with a smaller {SettingName.LearningRate}";

    /// <summary>Puts the model on an accelerator.</summary>
    /// <param name="kernels">The kernels.</param>
    public Mlp Load(KernelSet kernels)
    {
        var network = new Mlp(kernels, Configuration.Recipe, Vocabulary.Count);
        try
        {
            Restore(network);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Gives a network the values of the model.</summary>
    /// <param name="network">A network of the model's configuration.</param>
    public void Restore(Mlp network)
    {
        ArgumentNullException.ThrowIfNull(network);
        foreach (Tensor tensor in network.Tensors)
        {
            tensor.Set(Tensors[tensor.Name].ToFloats());
        }
    }

    // All but the values.
    static ModelFile Describe(string path, SafeTensorsHeader header)
    {
        string Value(string key) => header.Metadata.TryGetValue(key, out string? value)
            ? value
            : throw new InvalidRequestException(
                $"'{path}' is not a model of this program: its metadata has no '{key}'; train one with the command train");

        if (Value("format") != Format)
        {
            throw new InvalidRequestException(
                $"'{path}' has the format '{Value("format")}', and this program reads '{Format}': train it again");
        }
        try
        {
            Configuration configuration = Configuration.FromJson(Value("configuration"));
            Vocabulary vocabulary = Vocabulary.Parse(Value("vocabulary"));
            SizeLimits.Check(configuration, vocabulary.Count);
            CheckTensors(header, NetworkShape.Of(configuration.Recipe, vocabulary.Count));
            int step = int.Parse(Value("step"), NumberStyles.None, CultureInfo.InvariantCulture);
            if (step > configuration.Steps)
            {
                throw new InvalidRequestException($"its step is {step}, and it was to be trained for {configuration.Steps}");
            }
            // A file of version 0.1 has none.
            NamesFormat format = header.Metadata.TryGetValue("data_format", out string? json)
                ? NamesFormat.FromJson(json)
                : NamesFormat.Default;
            return new ModelFile(
                configuration, vocabulary, format, Value("data_source"), Value("data_sha256"), step,
                ImmutableDictionary<string, StoredTensor>.Empty)
            {
                Path = path,
                Training = header.Metadata.TryGetValue(TrainingKey, out string? state) ? TrainingState.FromJson(state) : null,
                KnownNames = header.Metadata.Keys.Any(key => key.StartsWith(NamesOf, StringComparison.Ordinal))
                    ? KnownNames.Parse(KnownNames.Splits.Select(split => Value(NamesOf + split)))
                    : null,
            };
        }
        catch (Exception fault) when (fault is JsonException or FormatException or OverflowException or InvalidRequestException)
        {
            string reason = fault switch
            {
                InvalidRequestException => fault.Message,
                JsonException json => $"its configuration is wrong at {Explanation.Shorten(json.Path ?? "$")} (line {json.LineNumber + 1})",
                _ => Explanation.Shorten(Explanation.ReasonOf(fault)),
            };
            throw new InvalidRequestException($"'{path}' is not a model of this program: {reason:whole}", fault);
        }
    }

    // Else a small file could claim any amount of memory.
    static void CheckTensors(SafeTensorsHeader header, NetworkShape network)
    {
        TensorShape[] wanted = [.. network.Parameters, .. network.Statistics];
        if (header.Tensors.Keys.Except(wanted.Select(tensor => tensor.Name)).FirstOrDefault() is { } unknown)
        {
            throw new InvalidRequestException($"it holds a tensor {unknown}, which its configuration does not know");
        }
        foreach ((string name, IReadOnlyList<int> sizes) in wanted)
        {
            if (!header.Tensors.TryGetValue(name, out StoredTensorShape? stored))
            {
                throw new InvalidRequestException($"it has no tensor {name}, which its configuration calls for");
            }
            if (stored.Type != "F32" || !stored.Shape.SequenceEqual(sizes))
            {
                throw new InvalidRequestException(
                    $"its tensor {name} is {stored.Type} [{string.Join(", ", stored.Shape)}] and must be F32 [{string.Join(", ", sizes)}]");
            }
        }
    }
}
