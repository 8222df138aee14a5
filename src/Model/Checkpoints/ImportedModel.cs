using System.Runtime.InteropServices;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Checkpoints;

/// <summary>A network that another program has written as safetensors, with the lectures' names and without metadata.</summary>
/// <param name="Path">The file.</param>
/// <param name="Recipe">Its recipe, as far as the tensors tell it.</param>
/// <param name="Vocabulary">V.</param>
/// <param name="Tensors">Its tensors by name, in 32-bit floating point.</param>
sealed record ImportedModel(string Path, Recipe Recipe, int Vocabulary, IReadOnlyDictionary<string, StoredTensor> Tensors)
{
    // The boundary and the letters of the lectures' names.
    const string LectureVocabulary = ".abcdefghijklmnopqrstuvwxyz";

    const string Unknown = "unknown";

    /// <summary>Reads a file. Its header is compared with what the names call for before any value is read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="settings">What the tensors do not tell.</param>
    /// <exception cref="InvalidRequestException">It is no network of the lectures; the message says why.</exception>
    public static ImportedModel Read(string path, ImportSettings settings)
    {
        Recipe? recipe = null;
        NetworkShape? network = null;
        var file = SafeTensors.Read(path, header =>
        {
            try
            {
                if (header.Metadata.ContainsKey("vocabulary"))
                {
                    throw new FormatException("it is a model of this program already, and needs no import");
                }
                recipe = TensorRecipe.Of(header.Tensors, settings);
                int vocabulary = header.Tensors[LayerNames.Table].Shape[0];
                network = NetworkShape.Of(recipe, vocabulary);
                Check(header.Tensors, network);
                SizeLimits.Check(ConfigurationOf(recipe), vocabulary);
            }
            catch (Exception fault) when (fault is FormatException or InvalidRequestException)
            {
                throw new InvalidRequestException($"'{path}' cannot be imported: {fault.Message:whole}", fault);
            }
        });
        var tensors = TensorsOf(network!).ToDictionary(
            tensor => tensor.Name, tensor => StoredTensor.Of(tensor.Sizes, FloatsOf(file.Tensors[tensor.Name])));
        return tensors.FirstOrDefault(tensor => !tensor.Value.IsFinite) is { Key: { } name }
            ? throw new InvalidRequestException($"'{path}' cannot be imported: its tensor {name} holds values that are not finite numbers")
            : new ImportedModel(path, recipe!, network!.Vocabulary, tensors);
    }

    /// <summary>The model with the names that it was trained on.</summary>
    /// <param name="names">The names.</param>
    /// <exception cref="InvalidRequestException">They have more or fewer tokens than the network.</exception>
    public ModelFile WithNames(NamesFile names)
    {
        var data = Dataset.Create(names, Recipe.Context);
        if (data.Vocabulary.Count != Vocabulary)
        {
            throw new InvalidRequestException(
                $"'{names.Source}' has {data.Vocabulary.Count} tokens, and '{Path}' has {Vocabulary}: give --data the names that it was "
                + $"trained on");
        }
        return new ModelFile(
            ConfigurationOf(Recipe), data.Vocabulary, names.Format, names.Source, names.Sha256, Step: 0, Tensors)
        {
            KnownNames = data.KnownNames.Count <= KnownNames.MostStored ? data.KnownNames : null,
        };
    }

    /// <summary>The model of unknown names, with the lectures' vocabulary.</summary>
    /// <exception cref="InvalidRequestException">The network has another number of tokens.</exception>
    public ModelFile WithLectureVocabulary()
    {
        var vocabulary = Data.Vocabulary.Parse(LectureVocabulary);
        return vocabulary.Count == Vocabulary
            ? new ModelFile(
                ConfigurationOf(Recipe), vocabulary, NamesFormat.Default, "names that are " + Unknown, Unknown, Step: 0, Tensors)
            : throw new InvalidRequestException(
                $"'{Path}' has {Vocabulary} tokens, and the lectures' vocabulary has {vocabulary.Count}: give --data the names that it was "
                + $"trained on");
    }

    static Configuration ConfigurationOf(Recipe recipe) => new(recipe, Steps: 0, DropAt: 0, Seeds.LectureSeed);

    static IEnumerable<TensorShape> TensorsOf(NetworkShape network) => [.. network.Parameters, .. network.Statistics];

    static void Check(IReadOnlyDictionary<string, StoredTensorShape> tensors, NetworkShape network)
    {
        TensorShape[] wanted = [.. TensorsOf(network)];
        if (tensors.Keys.Except(wanted.Select(tensor => tensor.Name)).FirstOrDefault() is { } unknown)
        {
            throw new FormatException(
                $"it holds a tensor {Explanation.Shorten(unknown)}, and its network has "
                + string.Join(", ", wanted.Select(tensor => tensor.Name)));
        }
        foreach ((string name, IReadOnlyList<int> sizes) in wanted)
        {
            if (!tensors.TryGetValue(name, out StoredTensorShape? stored))
            {
                throw new FormatException($"it has no tensor {name}");
            }
            // The lectures write a row as [1, H].
            if (!stored.Shape.SequenceEqual(sizes) && !stored.Shape.SequenceEqual([1, .. sizes]))
            {
                throw new FormatException(
                    $"its tensor {name} is [{string.Join(", ", stored.Shape)}] and must be [{string.Join(", ", sizes)}]: weights "
                    + "are [in, out], and those of torch.nn.Linear must be transposed");
            }
            if (stored.Type is not ("F32" or "F64" or "F16" or "BF16"))
            {
                throw new FormatException($"its tensor {name} is {stored.Type} and must be F32, F64, F16 or BF16: save it as .float()");
            }
        }
    }

    static float[] FloatsOf(StoredTensor tensor) => tensor.Type switch
    {
        "F64" => [.. MemoryMarshal.Cast<byte, double>(tensor.Bytes).ToArray().Select(value => (float)value)],
        "F16" => [.. MemoryMarshal.Cast<byte, Half>(tensor.Bytes).ToArray().Select(value => (float)value)],
        // The upper half of a 32-bit number.
        "BF16" => [.. MemoryMarshal.Cast<byte, ushort>(tensor.Bytes).ToArray().Select(half => BitConverter.Int32BitsToSingle(half << 16))],
        _ => tensor.ToFloats(),
    };
}
