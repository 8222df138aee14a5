using System.Collections.Immutable;
using ILGPU;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Network;

/// <summary>
/// The network of a recipe: an embedding table, and a chain of layers from the embedded context [N, T·E] to the logits [N, V]. Holds
/// the parameters and the statistics on the accelerator.
/// </summary>
sealed class Mlp : IDisposable
{
    readonly KernelSet kernels;
    readonly TensorStore scratch;

    /// <summary>Makes the network, all values 0.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="vocabulary">V.</param>
    public Mlp(KernelSet kernels, Recipe recipe, int vocabulary)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(recipe);
        this.kernels = kernels;
        Recipe = recipe;
        Shape = NetworkShape.Of(recipe, vocabulary);
        Parameters = new TensorStore(kernels.Launcher, withGradients: true);
        Statistics = new TensorStore(kernels.Launcher, withGradients: false);
        scratch = new TensorStore(kernels.Launcher, withGradients: false);

        Table = Parameters.Add(LayerNames.Table, vocabulary, recipe.Embedding);
        var builder = new LayerBuilder(kernels, Parameters, Statistics, scratch, new LayerNames(recipe));
        Layers = [.. Shape.Layers.Select(builder.Add)];
        Penalties =
        [
            .. Parameters.Tensors
                .Select(tensor => (tensor, (float)recipe.L2.GetValueOrDefault(tensor.Name)))
                .Where(term => term.Item2 != 0),
        ];
    }

    /// <summary>The recipe.</summary>
    public Recipe Recipe { get; }

    /// <summary>The layers and sizes.</summary>
    public NetworkShape Shape { get; }

    /// <summary>V.</summary>
    public int Vocabulary => Shape.Vocabulary;

    /// <summary>The embedding table C [V, E].</summary>
    public Tensor Table { get; }

    /// <summary>The layers from the embedded context to the logits.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>The terms of the L2 loss: tensors whose mean square is added to the loss, each with its coefficient.</summary>
    public ImmutableArray<(Tensor Tensor, float Coefficient)> Penalties { get; }

    /// <summary>What is trained, with gradients.</summary>
    public TensorStore Parameters { get; }

    /// <summary>What evaluation normalizes by.</summary>
    public TensorStore Statistics { get; }

    /// <summary>T·E, the width of the first layer's input.</summary>
    public int EmbeddedWidth => Shape.EmbeddedWidth;

    /// <summary>How many parameters are trained.</summary>
    public int ParameterCount => Parameters.Tensors.Sum(tensor => tensor.Length);

    /// <summary>Everything that a model file holds: the parameters, then the statistics.</summary>
    public IEnumerable<Tensor> Tensors => Parameters.Tensors.Concat(Statistics.Tensors);

    /// <summary>
    /// Draws the parameters in the recipe's order, and starts the running statistics at mean 0 and variance or standard deviation 1.
    /// </summary>
    /// <param name="seeds">The seeds.</param>
    /// <returns>The generator of the batches: the network's, which goes on, or one of their own.</returns>
    public TorchGenerator Draw(Seeds seeds)
    {
        ArgumentNullException.ThrowIfNull(seeds);
        var generator = new TorchGenerator(seeds.Network);
        Set(Table, new Draw(1), fanIn: 1, generator);
        foreach (Linear linear in Layers.OfType<Linear>())
        {
            bool isOutput = linear == Layers.OfType<Linear>().Last();
            int fanIn = linear.Weight.Shape[0];
            Set(linear.Weight, isOutput ? Recipe.OutputWeight : Recipe.HiddenWeight, fanIn, generator);
            if (linear.Bias is { } bias)
            {
                Set(bias, (isOutput ? Recipe.OutputBias : Recipe.HiddenBias)!, fanIn, generator);
            }
        }
        TorchGenerator own = seeds.Normalization is { } seed ? new TorchGenerator(seed) : generator;
        foreach (NormalizationLayer layer in Layers.OfType<NormalizationLayer>())
        {
            bool isOutput = layer == Layers[^1];
            Set(layer.Gain, isOutput ? Recipe.OutputGain! : Recipe.Normalization!.Gain, fanIn: 1, own);
            Set(layer.Bias, Recipe.Normalization!.Bias, fanIn: 1, own);
        }
        foreach (BatchNormalization layer in Layers.OfType<BatchNormalization>())
        {
            layer.RunningMean.Set(new float[layer.RunningMean.Length]);
            layer.RunningVariance.Set([.. Enumerable.Repeat(1f, layer.RunningVariance.Length)]);
        }
        return seeds.Batches is { } batchSeed ? new TorchGenerator(batchSeed) : generator;
    }

    /// <summary>Runs a batch forward, up to the logits or to an earlier layer.</summary>
    /// <param name="tokens">Contexts [N, T].</param>
    /// <param name="activations">Where the outputs of the layers go.</param>
    /// <param name="pass">What the pass is for.</param>
    /// <param name="layers">How many layers to run; null for all.</param>
    public void Forward(ArrayView<int> tokens, Activations activations, Pass pass, int? layers = null)
    {
        ArgumentNullException.ThrowIfNull(activations);
        int batch = tokens.IntLength / Recipe.Context;
        ArrayView<float> x = activations.Embedded.First(batch * EmbeddedWidth);
        kernels.Embedding.Forward(Table.Data, tokens, Recipe.Embedding, x);
        for (int i = 0; i < (layers ?? Layers.Count); i++)
        {
            ArrayView<float> y = activations.Outputs[i].First(batch * Layers[i].Outputs);
            Layers[i].Forward(x, batch, pass, y);
            x = y;
        }
    }

    /// <summary>
    /// Runs a full batch backward, after a forward pass for training: from the gradient of the logits in the activations to the
    /// gradients of all parameters.
    /// </summary>
    /// <param name="tokens">Contexts [N, T].</param>
    /// <param name="activations">The activations, the logits' gradient filled in.</param>
    public void Backward(ArrayView<int> tokens, Activations activations)
    {
        ArgumentNullException.ThrowIfNull(activations);
        for (int i = Layers.Count - 1; i >= 0; i--)
        {
            Tensor input = i == 0 ? activations.Embedded : activations.Outputs[i - 1];
            Tensor output = activations.Outputs[i];
            Layers[i].Backward(input.Data, output.Data, output.Gradient, activations.Batch, input.Gradient);
        }
        kernels.Embedding.Backward(tokens, activations.Embedded.Gradient, Recipe.Embedding, Table.Gradient);
    }

    /// <summary>The memory of what a model holds. The network takes it when it is first used.</summary>
    public IEnumerable<PlannedBuffer> Plan()
    {
        yield return Parameters.Plan("parameters");
        if (Statistics.Tensors.Count > 0)
        {
            yield return Statistics.Plan("running statistics");
        }
    }

    /// <summary>The memory that a step of the layered form takes beside that.</summary>
    public IEnumerable<PlannedBuffer> PlanGradients()
    {
        yield return Parameters.Plan("gradients of parameters");
        if (scratch.Tensors.Count > 0)
        {
            yield return scratch.Plan("statistics of a batch");
        }
    }

    /// <summary>Tells what the launches of <see cref="Forward"/> take.</summary>
    /// <param name="plan">Whom to tell.</param>
    /// <param name="batch">N.</param>
    /// <param name="pass">What the pass is for.</param>
    public void PlanForward(LaunchPlan plan, int batch, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.Launch();
        foreach (Layer layer in Layers)
        {
            layer.PlanForward(plan, batch, pass);
        }
    }

    /// <summary>Tells what the launches of <see cref="Backward"/> take.</summary>
    /// <param name="plan">Whom to tell.</param>
    /// <param name="batch">N.</param>
    public void PlanBackward(LaunchPlan plan, int batch)
    {
        foreach (Layer layer in Layers.Reverse())
        {
            layer.PlanBackward(plan, batch);
        }
        kernels.Embedding.PlanBackward(plan, batch * Recipe.Context, Table.Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Parameters.Dispose();
        Statistics.Dispose();
        scratch.Dispose();
    }

    static void Set(Tensor tensor, Draw draw, int fanIn, TorchGenerator generator)
    {
        float scale = draw.ScaleFor(fanIn);
        float offset = (float)draw.Offset;
        float[] values = draw.IsConstant ? new float[tensor.Length] : generator.RandN(tensor.Length);
        tensor.Set(Array.ConvertAll(values, value => (value * scale) + offset));
    }
}
