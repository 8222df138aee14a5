using ILGPU;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Normalization;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>What the fused kernels work on.</summary>
/// <param name="Layers">The layer table.</param>
/// <param name="Parameters">The parameters, as laid out.</param>
/// <param name="Scratch">The scratch, as laid out, once for each group that has a batch of its own; 0 before the first step.</param>
/// <param name="Data">The tokens of the data set [M]: whole numbers, by their bits.</param>
/// <param name="Indices">The examples: of training the batch of each step [steps, N].</param>
/// <param name="Results">What comes out: of training the loss of each step.</param>
/// <param name="Shape">The sizes and offsets.</param>
/// <param name="Constants">The constants of all normalizations.</param>
readonly record struct FusedOperands(
    ArrayView<FusedLayer> Layers, ArrayView<float> Parameters, ArrayView<float> Scratch, ArrayView<float> Data,
    ArrayView<float> Indices, ArrayView<float> Results, FusedShape Shape, BatchNormConstants Constants)
{
    /// <summary>Checks the lengths that follow from each other.</summary>
    /// <exception cref="ArgumentException">A view has another length.</exception>
    internal void Check() => ViewChecks.CheckLength(Layers, Shape.Layers);
}

/// <summary>The sizes of a fused step, and where its common parts lie in the buffers of parameters and of scratch.</summary>
/// <param name="Layers">Lines of the layer table.</param>
/// <param name="Vocabulary">V.</param>
/// <param name="Embedding">E.</param>
/// <param name="Context">T.</param>
/// <param name="Batch">N.</param>
/// <param name="PaddedBatch">P: N, padded to whole vectors, and to rows that do not compete for the same lines of a cache.</param>
/// <param name="Table">Parameters: the embedding table [V, E], rows padded.</param>
/// <param name="TableRow">From a row of the table to the next.</param>
/// <param name="Tokens">
/// Scratch: the tokens and, in the last row, targets of two batches in turn [2, T + 1, P]: see <see cref="TokensOf"/>.
/// </param>
/// <param name="Input">Scratch: the embedded batch [T·E, P].</param>
/// <param name="InputRows">Scratch: its transpose [P, T·E], rows padded, as the gather lays it down.</param>
/// <param name="InputStride">From a row of it to the next.</param>
/// <param name="DInput">Scratch: the gradient of the input [T·E, P].</param>
/// <param name="DInputRows">Scratch: its transpose [P, T·E], rows padded.</param>
/// <param name="Losses">Scratch: the loss of each example [P].</param>
/// <param name="ThreadScratch">Scratch: each thread's own, for sums and for the copies of large products.</param>
/// <param name="ThreadScratchLength">Values of it for one thread.</param>
/// <param name="TableL2">The coefficient of the table's sum of squares, which the loss holds; 0 for none.</param>
/// <param name="L2Losses">Scratch: the parts of the loss that are not the examples', the table's and then the layers'.</param>
/// <param name="L2LossCount">How many; 0 where no weight has an L2 loss.</param>
/// <param name="MeanFactor">1/N.</param>
/// <param name="VarianceFactor">1/(N - 1), or 1/N where variances are the biased ones.</param>
readonly record struct FusedShape(
    int Layers, int Vocabulary, int Embedding, int Context, int Batch, int PaddedBatch, int Table, int TableRow,
    int Tokens, int Input, int InputRows, int InputStride, int DInput, int DInputRows, int Losses, int ThreadScratch,
    int ThreadScratchLength, float TableL2, int L2Losses, int L2LossCount, float MeanFactor, float VarianceFactor)
{
    /// <summary>T·E, the features that the first layer takes.</summary>
    public int Inputs => Context * Embedding;

    /// <summary>
    /// Scratch: the tokens and, in the last row, targets of a step's batch [T + 1, P]. The next step's lie elsewhere, and can be taken
    /// before.
    /// </summary>
    /// <param name="step">The step.</param>
    public int TokensOf(int step) => Tokens + ((step & 1) * (Context + 1) * PaddedBatch);
}
