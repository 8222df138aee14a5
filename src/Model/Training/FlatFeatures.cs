using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Training;

/// <summary>Features that a BatchNorm was given and that do not vary over a batch.</summary>
/// <param name="BatchNorm">Which BatchNorm of the network, from 1.</param>
/// <param name="Count">How many features do not vary.</param>
/// <param name="Features">Of how many.</param>
/// <param name="Examples">N.</param>
sealed record FlatFeatures(int BatchNorm, int Count, int Features, int Examples)
{
    // What rounding leaves of a difference between equal values, in parts of them; and the least difference whose square is above 0.
    const float Rounding = 4 * 1.1920929e-7f;
    const float LeastDifference = 1e-19f;

    /// <summary>The first such features in the last step of a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="activations">The outputs of its layers in that step.</param>
    /// <returns>The features; null where each feature that is finite varies.</returns>
    public static FlatFeatures? Find(Mlp network, Activations activations)
    {
        int number = 0;
        for (int i = 0; i < network.Layers.Count; i++)
        {
            if (network.Layers[i] is not BatchNormalization)
            {
                continue;
            }
            number++;
            float[] values = (i == 0 ? activations.Embedded : activations.Outputs[i - 1]).ToArray();
            int features = network.Layers[i].Outputs;
            int flat = Enumerable.Range(0, features).Count(feature => IsFlat(values, feature, features));
            if (flat > 0)
            {
                return new FlatFeatures(number, flat, features, activations.Batch);
            }
        }
        return null;
    }

    static bool IsFlat(float[] values, int feature, int features)
    {
        float least = float.PositiveInfinity, most = float.NegativeInfinity;
        for (int i = feature; i < values.Length; i += features)
        {
            if (!float.IsFinite(values[i]))
            {
                return false;
            }
            least = Math.Min(least, values[i]);
            most = Math.Max(most, values[i]);
        }
        return most - least <= Math.Max(LeastDifference, Rounding * Math.Max(Math.Abs(least), Math.Abs(most)));
    }
}
