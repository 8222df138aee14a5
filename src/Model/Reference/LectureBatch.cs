using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Reference;

/// <summary>
/// One batch of the network of the lecture on manual backprop: the parameters, by the lecture's names, and the examples. Kernels and
/// reference both start from it.
/// </summary>
/// <param name="Parameters">C [V, E], W1 [T·E, H], b1 [H], W2 [H, V], b2 [V], bngain [H] and bnbias [H], row by row.</param>
/// <param name="Tokens">The contexts [N, T].</param>
/// <param name="Targets">The targets [N].</param>
/// <param name="Vocabulary">V.</param>
/// <param name="Embedding">E.</param>
/// <param name="Hidden">H.</param>
sealed record LectureBatch(
    IReadOnlyDictionary<string, float[]> Parameters, int[] Tokens, int[] Targets, int Vocabulary, int Embedding, int Hidden)
{
    // Of a layer: a gigabyte in double, of which the reference has some.
    const long MostValues = 1 << 27;

    /// <summary>The lecture's hidden units for this exercise.</summary>
    public const int LectureHidden = 64;

    /// <summary>The recipe of this exercise: 32 examples, 64 hidden units.</summary>
    public static Recipe LectureRecipe { get; } = Recipe.Named("backprop") with { Hidden = [LectureHidden] };

    /// <summary>ε in the lecture's normalization.</summary>
    public const double Epsilon = 1e-5;

    /// <summary>The parameters' names in the order in which the lecture draws them.</summary>
    public static IReadOnlyList<string> ParameterNames { get; } = ["C", "W1", "b1", "W2", "b2", "bngain", "bnbias"];

    /// <summary>N.</summary>
    public int Count => Targets.Length;

    /// <summary>T.</summary>
    public int Context => Tokens.Length / Targets.Length;

    /// <summary>T·E.</summary>
    public int EmbeddedWidth => Context * Embedding;

    /// <summary>The recipe of a network that takes these parameters.</summary>
    public Recipe Recipe => Recipe.Named("backprop") with { Context = Context, Embedding = Embedding, Hidden = [Hidden], Batch = Count };

    /// <summary>A network with these parameters. The caller disposes it.</summary>
    /// <param name="kernels">The kernels.</param>
    public Mlp CreateNetwork(KernelSet kernels)
    {
        var network = new Mlp(kernels, Recipe, Vocabulary);
        foreach (Tensor tensor in network.Parameters.Tensors)
        {
            tensor.Set(Parameters[tensor.Name]);
        }
        return network;
    }

    /// <summary>Draws parameters and a batch of 32 examples as the lecture does, with 64 hidden units.</summary>
    /// <param name="kernels">The kernels, for their accelerator.</param>
    /// <param name="data">The data.</param>
    public static LectureBatch Draw(KernelSet kernels, Dataset data) => Draw(kernels, data, LectureRecipe, Seeds.Lecture);

    /// <summary>Draws parameters and a batch as the lecture does, of other sizes or from other seeds.</summary>
    /// <param name="kernels">The kernels, for their accelerator.</param>
    /// <param name="data">The data, of whose context the batch is.</param>
    /// <param name="recipe">The lecture's recipe with the sizes, and one hidden layer.</param>
    /// <param name="seeds">The seeds.</param>
    public static LectureBatch Draw(KernelSet kernels, Dataset data, Recipe recipe, Seeds seeds)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(recipe);
        int context = data.Train.Context;
        using var network = new Mlp(kernels, recipe with { Context = context }, data.Vocabulary.Count);
        TorchGenerator generator = network.Draw(seeds);
        var indices = new int[recipe.Batch];
        generator.RandInt(0, data.Train.Count, indices);
        return new LectureBatch(
            network.Parameters.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.ToArray()),
            data.Train.ContextsOf(indices), data.Train.TargetsOf(indices), data.Vocabulary.Count, recipe.Embedding, recipe.Hidden.Single());
    }

    /// <summary>Takes the parameters and the examples (Xb, Yb) from a dump. All sizes come from the tensors.</summary>
    /// <param name="dump">The dump.</param>
    /// <exception cref="InvalidRequestException">A tensor is missing, or its shape does not fit the others.</exception>
    public static LectureBatch From(SafeTensors dump)
    {
        ArgumentNullException.ThrowIfNull(dump);
        StoredTensor contexts = Stored(dump, "Xb", "I64", 2);
        StoredTensor table = Stored(dump, "C", "F32", 2);
        StoredTensor weight = Stored(dump, "W1", "F32", 2);
        (int batch, int context) = (contexts.Shape[0], contexts.Shape[1]);
        (int vocabulary, int embedding, int hidden) = (table.Shape[0], table.Shape[1], weight.Shape[1]);
        int[] sizes = [batch, context, vocabulary, embedding, hidden];
        if (sizes.Min() < 1 || batch < 2)
        {
            throw new InvalidRequestException("the dump's batch must have at least 2 examples, and no tensor may be empty");
        }

        if ((decimal)batch * Math.Max((decimal)context * embedding, Math.Max(hidden, vocabulary)) > MostValues)
        {
            throw new InvalidRequestException(
                $"the dump's batch of {batch} examples has a layer of more than {MostValues} values: give fewer examples");
        }
        StoredTensor output = Stored(dump, "W2", "F32", 2);
        if (output.Shape[0] != hidden)
        {
            throw new InvalidRequestException(
                $"the dump's tensor W2 is [{string.Join(", ", output.Shape)}] and must be [{hidden}, {vocabulary}]");
        }
        var lengths = new Dictionary<string, long>
        {
            ["C"] = (long)vocabulary * embedding,
            ["W1"] = (long)context * embedding * hidden,
            ["b1"] = hidden,
            ["W2"] = (long)hidden * vocabulary,
            ["b2"] = vocabulary,
            ["bngain"] = hidden,
            ["bnbias"] = hidden,
        };
        var parameters = ParameterNames.ToDictionary(
            name => name,
            name => Fitting(name, Stored(dump, name, "F32").ToFloats(), lengths[name]));
        int[] tokens = Tokenized("Xb", contexts, (long)batch * context, vocabulary);
        int[] targets = Tokenized("Yb", Stored(dump, "Yb", "I64"), batch, vocabulary);
        return new LectureBatch(parameters, tokens, targets, vocabulary, embedding, hidden);
    }

    static StoredTensor Stored(SafeTensors dump, string name, string type, int? dimensions = null)
    {
        if (!dump.Tensors.TryGetValue(name, out StoredTensor? tensor))
        {
            throw new InvalidRequestException(
                $"the dump has no tensor {name}: it must hold Xb, Yb and {string.Join(", ", ParameterNames)}");
        }
        return tensor.Type == type && (dimensions is null || tensor.Shape.Count == dimensions)
            ? tensor
            : throw new InvalidRequestException(
                $"the dump's tensor {name} is {tensor.Type} [{string.Join(", ", tensor.Shape)}] "
                + $"and must be {type} with {dimensions ?? 1} dimensions");
    }

    static T[] Fitting<T>(string name, T[] values, long length) => values.Length == length
        ? values
        : throw new InvalidRequestException(
            $"the dump's tensor {name} has {values.Length} values, and the other tensors call for {length}");

    static int[] Tokenized(string name, StoredTensor tensor, long length, int vocabulary)
    {
        long[] tokens = Fitting(name, tensor.ToLongs(), length);
        return tokens.All(token => token >= 0 && token < vocabulary)
            ? Array.ConvertAll(tokens, token => (int)token)
            : throw new InvalidRequestException($"the dump's tensor {name} holds tokens outside 0 … {vocabulary - 1}, the rows of C");
    }
}
