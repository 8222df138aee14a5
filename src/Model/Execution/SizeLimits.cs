using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Execution;

/// <summary>
/// The largest network that can be run, which is that of the layered form. Indices into a buffer are 32-bit, and one buffer holds all
/// parameters, another all activations of a batch, a third the indices of the examples of a launch. A tensor takes no more bytes than an
/// array has, so that a file of it can be written and read. The fused form has a limit of its own, by its layout:
/// <see cref="Strategy.HasFusedForm"/>.
/// </summary>
static class SizeLimits
{
    /// <summary>Checks the settings of a run and the sizes that follow from them, before anything is allocated or written.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="vocabulary">V.</param>
    /// <exception cref="InvalidRequestException">
    /// A setting cannot be, or the network is too large; the message names the option.
    /// </exception>
    public static void Check(Configuration configuration, int vocabulary)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate();
        Recipe recipe = configuration.Recipe;
        decimal parameters = Parameters(recipe, vocabulary);
        decimal activations = Activations(recipe, vocabulary) * Math.Max(recipe.Batch, LayeredForward.Batch);
        decimal mostValues = Math.Max(activations, (decimal)LayeredStep.MaxStepsPerLaunch * recipe.Batch);
        if (parameters > int.MaxValue || mostValues > int.MaxValue)
        {
            throw new InvalidRequestException(
                $"the network is too large: {parameters} parameters, {mostValues} values in the largest buffer of a batch; "
                + $"at most {int.MaxValue} each fit: use smaller {SettingName.Hidden}, {SettingName.Embedding}, {SettingName.Context} "
                + $"or {SettingName.Batch}");
        }
        CheckContext(recipe.Context);
        var shape = NetworkShape.Of(recipe, vocabulary);
        if (shape.Parameters.FirstOrDefault(tensor => sizeof(float) * tensor.Length > Array.MaxLength) is { } largest)
        {
            throw new InvalidRequestException(
                $"the network is too large: its tensor {largest.Name} takes {sizeof(float) * largest.Length} bytes of a model's file, and "
                + $"may take {Array.MaxLength}: use smaller {SettingName.Hidden}, {SettingName.Embedding} or {SettingName.Context}");
        }
    }

    /// <summary>Checks the length of a context.</summary>
    /// <param name="context">T.</param>
    /// <exception cref="InvalidRequestException">No name is as long.</exception>
    public static void CheckContext(int context)
    {
        if (context > NamesFile.LongestName)
        {
            throw new InvalidRequestException(
                $"{SettingName.Context} is {context}, and no name is longer than {NamesFile.LongestName}: use at most that");
        }
    }

    /// <summary>How many examples a batch of evaluation has: fewer where an example takes much memory.</summary>
    /// <param name="network">The network.</param>
    /// <param name="most">The most examples.</param>
    /// <param name="values">The most values that the outputs of all layers may take.</param>
    internal static int EvaluationBatch(NetworkShape network, int most, long values) =>
        (int)Math.Clamp(values / (network.EmbeddedWidth + network.Layers.Sum(layer => (long)layer.Outputs)), 1, most);

    // Each tensor is padded. A layer's bias, gain and shift have one value for each of its outputs.
    static decimal Parameters(Recipe recipe, int vocabulary)
    {
        decimal parameters = ((decimal)vocabulary * recipe.Embedding) + TensorStore.Alignment;
        decimal inputs = (decimal)recipe.Context * recipe.Embedding;
        foreach (int outputs in (int[])[.. recipe.Hidden, vocabulary])
        {
            parameters += ((inputs + 3) * outputs) + (4 * TensorStore.Alignment);
            inputs = outputs;
        }
        return parameters;
    }

    // For one example: the linear map, the normalization and the activation of a layer each have their own.
    static decimal Activations(Recipe recipe, int vocabulary)
    {
        int layers = 1 + (recipe.Normalization is null ? 0 : 1) + (recipe.Activation == Kernels.Elementwise.Activation.None ? 0 : 1);
        decimal hidden = recipe.Hidden.Sum(width => (decimal)width + TensorStore.Alignment);
        return ((decimal)recipe.Context * recipe.Embedding) + (layers * hidden) + (2m * (vocabulary + TensorStore.Alignment));
    }
}
