using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// One worker's part of each phase of a fused step. Within a phase, workers take blocks of features or of examples in turn and write to
/// nothing that another one touches; between phases, the kernel lets them wait for each other.
/// </summary>
/// <typeparam name="TSelf">The worker.</typeparam>
interface IFusedWorker<TSelf>
    where TSelf : struct, IFusedWorker<TSelf>
{
    /// <summary>Threads of a worker.</summary>
    static abstract int Threads { get; }

    /// <summary>The sizes and offsets.</summary>
    FusedShape Shape { get; }

    /// <summary>Where the loss of each example goes, padding included.</summary>
    ViewMemory Losses { get; }

    /// <summary>A worker that looks for its part of the work.</summary>
    /// <param name="operands">What is worked on.</param>
    /// <param name="scratch">Where the scratch of its batch begins.</param>
    /// <param name="indexInGroup">Which worker of the group it is.</param>
    /// <param name="index">Which worker of all it is.</param>
    /// <param name="count">How many there are.</param>
    static abstract TSelf Of(in FusedOperands operands, int scratch, int indexInGroup, int index, int count);

    /// <summary>The layer table where the group reads it fastest: a copy in shared memory, or the table itself.</summary>
    /// <param name="layers">The layer table.</param>
    static abstract ArrayView<FusedLayer> CopyToShared(ArrayView<FusedLayer> layers);

    /// <summary>Waits for every worker. What any of them wrote before, all can read afterwards.</summary>
    /// <param name="barrier">The barrier.</param>
    /// <param name="generation">The barrier's generation before.</param>
    /// <returns>Its generation afterwards.</returns>
    static abstract int Sync(in GridBarrier barrier, int generation);

    /// <summary>Parts of some features' work, which workers take.</summary>
    /// <param name="features">How many features.</param>
    int Parts(int features);

    /// <summary>Parts of the work of <see cref="UpdateWeight"/>, which workers take.</summary>
    /// <param name="layer">The layer.</param>
    int WeightParts(in FusedLayer layer);

    /// <summary>A length of features with its padding.</summary>
    /// <param name="length">The length.</param>
    static abstract int Padded(int length);

    /// <summary>The same worker where the first workers have taken some parts already: it takes those after them.</summary>
    /// <param name="parts">How many parts are taken.</param>
    TSelf Skip(int parts);

    /// <summary>Gathers the examples of a batch.</summary>
    /// <param name="data">The tokens of the data set.</param>
    /// <param name="indices">Which examples.</param>
    /// <param name="count">How many.</param>
    /// <param name="tokens">Where their tokens and targets go [T + 1, P].</param>
    void GatherBatch(ViewMemory data, ViewMemory indices, int count, int tokens);

    /// <summary>Embeds the batch, by feature, and for threads by example, too.</summary>
    /// <param name="count">How many examples it holds.</param>
    /// <param name="tokens">Their tokens [T, P].</param>
    void Embed(int count, int tokens);

    /// <summary>Writes the L2 loss of the table, λ·Σc². The first worker does this alone.</summary>
    void AddTableL2();

    /// <summary>A layer forward, and the L2 loss of its parameters.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Its input [inputs, P].</param>
    void Forward(in FusedLayer layer, int x);

    /// <summary>A layer forward for evaluation, normalized by the stored statistics.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Its input [inputs, P].</param>
    void ForwardFixed(in FusedLayer layer, int x);

    /// <summary>The moments over the batch of a layer's linear map, which is what its normalization is given.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Its input [inputs, P].</param>
    /// <param name="count">How many examples the batch holds.</param>
    /// <param name="means">Where the means go [outputs, padded].</param>
    /// <param name="squares">Where the sums of squared differences go [outputs, padded].</param>
    void Measure(in FusedLayer layer, int x, int count, ViewMemory means, ViewMemory squares);

    /// <summary>The loss of each example, and the gradient of the logits.</summary>
    /// <param name="last">The last layer, whose result are the logits.</param>
    /// <param name="count">How many examples the batch holds.</param>
    /// <param name="tokens">Their tokens and targets [T + 1, P].</param>
    /// <param name="losses">Where the losses go, padding included.</param>
    void Loss(in FusedLayer last, int count, int tokens, ViewMemory losses);

    /// <summary>
    /// Records the batch's loss: the mean of its examples' losses, and the L2 losses, in one order. One worker does this alone.
    /// </summary>
    /// <param name="record">Where it goes.</param>
    void Record(ViewMemory record);

    /// <summary>
    /// The last layer backward, from the gradient of its result to that of its linear map; applies the gradients of its small parameters.
    /// </summary>
    /// <param name="last">The layer.</param>
    /// <param name="learningRate">The learning rate.</param>
    void BackwardLast(in FusedLayer last, float learningRate);

    /// <summary>
    /// A layer backward, from the gradient of the linear map above to that of its own: the gradient of its result is dY = Wᵀ·dZ. Applies
    /// the gradients of its small parameters.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="above">The layer above.</param>
    /// <param name="learningRate">The learning rate.</param>
    void Backward(in FusedLayer layer, in FusedLayer above, float learningRate);

    /// <summary>The gradient of the embedded batch, by feature, and for threads by example, too.</summary>
    /// <param name="layer">The first layer.</param>
    void PropagateToInput(in FusedLayer layer);

    /// <summary>Updates a layer's weights: W -= learning rate · (dZ·Xᵀ + 2λ·W).</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Its input [inputs, P].</param>
    /// <param name="rows">Its input by example [P, inputs], which threads take.</param>
    /// <param name="rowStride">From an example to the next.</param>
    /// <param name="learningRate">The learning rate.</param>
    void UpdateWeight(in FusedLayer layer, int x, int rows, int rowStride, float learningRate);

    /// <summary>Updates the embedding table. Of threads the first does this alone, example by example; warps share the rows.</summary>
    /// <param name="tokens">The batch's tokens [T, P].</param>
    /// <param name="learningRate">The learning rate.</param>
    void UpdateTable(int tokens, float learningRate);
}
