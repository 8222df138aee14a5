namespace Makemore.Gpu.Model.Reference;

/// <summary>
/// Gradients by central differences of the reference's loss, (loss(w + δ) - loss(w - δ)) / 2δ: the reference's own check, which shares
/// none of its backward pass.
/// </summary>
static class GradientCheck
{
    /// <summary>The gradient of one parameter value.</summary>
    /// <param name="batch">The parameters and the examples.</param>
    /// <param name="parameter">The parameter's name.</param>
    /// <param name="index">Which of its values, row by row.</param>
    /// <param name="delta">δ. Parameters are rounded to 32 bits; the quotient is by the distance that is left between the two.</param>
    public static double Estimate(LectureBatch batch, string parameter, int index, float delta = 1e-3f)
    {
        ArgumentNullException.ThrowIfNull(batch);
        float value = batch.Parameters[parameter][index];
        float above = value + delta;
        float below = value - delta;
        return (Loss(batch, parameter, index, above) - Loss(batch, parameter, index, below)) / ((double)above - below);
    }

    static double Loss(LectureBatch batch, string parameter, int index, float value)
    {
        float[] changed = [.. batch.Parameters[parameter]];
        changed[index] = value;
        var parameters = batch.Parameters.ToDictionary(pair => pair.Key, pair => pair.Key == parameter ? changed : pair.Value);
        return ReferenceStep.Run(batch with { Parameters = parameters })["loss"][0];
    }
}
