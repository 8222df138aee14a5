using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Fused;

namespace Makemore.Gpu.Model.Training;

/// <summary>
/// What a step of training costs on a GPU in each fused form, so as to choose one: the same choice each time. An estimate, from counts of
/// instructions, until it is measured.
/// </summary>
/// <param name="Launches">Launches that a step takes by groups.</param>
/// <param name="Work">Multiply-adds of a step's matrix products, which are nearly all of it.</param>
/// <param name="Multiprocessors">On how many multiprocessors groups would work.</param>
sealed record FusedCost(int Launches, double Work, int Multiprocessors)
{
    // From a launch to the next of a recorded graph, and what a warp takes for a block of features, in µs.
    const double Launch = 4;

    // Multiply-adds of one multiprocessor in a µs: 128 a clock at 1.7 GHz, of which the fused kernels reach about a fifth.
    const double Rate = 40_000;

    // Features that a multiprocessor takes at a time: a block for each of a group's warps.
    const int FeaturesAtATime = 16;

    double OneGroup => Work / Rate;

    double Groups => Launches * Launch;

    double GroupsWork => Work / (Rate * Multiprocessors);

    /// <summary>
    /// The form: one group where it is done before groups would have been launched and done; groups where launches cost them most, of which the
    /// layered form has more. Null where the work costs most: larger tiles of the layered form do it faster.
    /// </summary>
    public FusedForm? Form => OneGroup <= Groups + GroupsWork ? FusedForm.Warps : GroupsWork <= Groups ? FusedForm.Groups : null;

    /// <summary>The cost of a recipe's step.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="device">The GPU.</param>
    public static FusedCost Of(Recipe recipe, int vocabulary, Device device)
    {
        double weights = 0;
        double inputs = (double)recipe.Context * recipe.Embedding;
        int[] outputs = [.. recipe.Hidden, vocabulary];
        foreach (int width in outputs)
        {
            weights += inputs * width;
            inputs = width;
        }
        // Forward, the gradient of the inputs and that of the weights.
        double work = 3 * weights * recipe.Batch;
        int blocks = (outputs.Max() + FeaturesAtATime - 1) / FeaturesAtATime;
        return new FusedCost(FusedPhases.Launches(outputs.Length), work, Math.Min(Math.Max(1, device.NumMultiprocessors), blocks));
    }
}
