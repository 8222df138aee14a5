using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>What a layer is, for the layout.</summary>
/// <param name="Outputs">Features that it gives.</param>
/// <param name="HasBias">Whether its linear map has a bias.</param>
/// <param name="IsNormalized">Whether a batch normalization follows.</param>
/// <param name="Activation">What follows at last.</param>
sealed record FusedLayerKind(int Outputs, bool HasBias, bool IsNormalized, Activation Activation)
{
    /// <summary>The coefficient of the weights' mean square, which the loss holds; 0 for none.</summary>
    public double WeightL2 { get; init; }

    /// <summary>That of the bias.</summary>
    public double BiasL2 { get; init; }

    /// <summary>That of the normalization's gain.</summary>
    public double GainL2 { get; init; }

    /// <summary>That of the normalization's bias.</summary>
    public double ShiftL2 { get; init; }

    /// <summary>Whether the loss holds any of them.</summary>
    public bool HasL2 => WeightL2 != 0 || BiasL2 != 0 || GainL2 != 0 || ShiftL2 != 0;
}

/// <summary>
/// Lays a network out in two flat buffers, one of parameters and one of scratch. The batch lies in the lanes: an activation is a row of
/// neighboring examples for each feature, so that normalization, tanh, softmax and all three matrix products work on whole vectors.
/// </summary>
sealed class FusedLayout
{
    /// <summary>The most that any form pads a length by.</summary>
    public const int MaxPadding = WarpLanes.Lanes;

    // Rows at a distance that is a multiple of this many values compete for the same few lines of a processor's cache.
    const int Conflict = 256;

    readonly int padding;
    readonly int features;
    long parameters;
    long scratch;

    /// <summary>Lays out a network.</summary>
    /// <param name="vocabulary">V.</param>
    /// <param name="embedding">E.</param>
    /// <param name="context">T.</param>
    /// <param name="batch">N.</param>
    /// <param name="layers">The layers from the embedded context to the logits; at least one.</param>
    /// <param name="form">Who will work on it.</param>
    /// <param name="threads">The most threads that a group will have.</param>
    /// <param name="hasCopies">Whether threads copy the operands of large products: on the CPU accelerator.</param>
    /// <param name="constants">The constants of all normalizations.</param>
    /// <param name="tableL2">The coefficient of the table's mean square, which the loss holds; 0 for none.</param>
    public FusedLayout(
        int vocabulary, int embedding, int context, int batch, IReadOnlyList<FusedLayerKind> layers, FusedForm form, int threads,
        bool hasCopies, BatchNormConstants constants, double tableL2 = 0)
    {
        ArgumentNullException.ThrowIfNull(layers);
        (padding, features) = form.HasWarps()
            ? (WarpTileRunner.Padding, WarpTileRunner.Features)
            : (ThreadTileRunner.Padding, ThreadTileRunner.Features);
        // Threads read a column of many rows at a time.
        int paddedBatch = form.HasWarps() ? Padded(batch) : Apart(Padded(batch));
        int inputs = context * embedding;
        int tableRow = Padded(embedding);
        bool hasL2 = tableL2 != 0 || layers.Any(layer => layer.HasL2);
        int l2Losses = hasL2 ? 1 + layers.Sum(layer => L2LossesOf(layer.Outputs)) : 0;

        int copies = hasCopies ? CopiesLength(inputs, paddedBatch, layers) : 0;
        int threadScratch = form.HasWarps() ? 0 : TileScratch.Size + copies;

        // The gather writes whole rows of the table; the last of a context spills over.
        int inputStride = Apart(Padded(((context - 1) * embedding) + tableRow));
        Shape = new FusedShape(
            layers.Count, vocabulary, embedding, context, batch, paddedBatch,
            Table: Parameters((long)vocabulary * tableRow), tableRow,
            Tokens: Scratch(2L * (context + 1) * paddedBatch),
            Input: Scratch((long)Padded(inputs) * paddedBatch),
            InputRows: Scratch((long)paddedBatch * inputStride),
            inputStride,
            DInput: Scratch((long)Padded(inputs) * paddedBatch),
            DInputRows: Scratch(((long)paddedBatch * inputStride) + padding),
            Losses: Scratch(paddedBatch),
            ThreadScratch: Scratch((long)threads * threadScratch),
            threadScratch,
            TableL2: Coefficient(tableL2, vocabulary, embedding),
            L2Losses: Scratch(l2Losses),
            l2Losses,
            MeanFactor: 1f / batch,
            VarianceFactor: 1f / constants.VarianceDivisor(batch));
        var table = new FusedLayer[layers.Count];
        int l2Loss = Shape.L2Losses + 1;
        for (int i = 0; i < layers.Count; i++)
        {
            // The next layer's dW reads an example in each row, unless it makes copies of its operands.
            bool hasRows = i < layers.Count - 1 && !(hasCopies && ThreadTileRunner.IsLarge(batch, Padded(layers[i].Outputs)));
            table[i] = Add(layers[i], inputs, paddedBatch, l2Loss, hasRows);
            inputs = layers[i].Outputs;
            l2Loss += L2LossesOf(inputs);
        }
        Layers = table;
    }

    /// <summary>The layer table.</summary>
    public IReadOnlyList<FusedLayer> Layers { get; }

    /// <summary>The sizes, and where the common parts lie.</summary>
    public FusedShape Shape { get; }

    /// <summary>Whether a 32-bit index reaches every value. If not, the layout tells its lengths and is good for nothing else.</summary>
    public bool IsReachable => Math.Max(parameters, scratch) <= int.MaxValue;

    /// <summary>Values in the buffer of parameters.</summary>
    public long ParameterLength => parameters;

    /// <summary>Values in the buffer of scratch.</summary>
    public long ScratchLength => scratch;

    /// <summary>A length with its padding; near the largest number where that overflows.</summary>
    /// <param name="length">The length.</param>
    public int Padded(int length) => (int)Math.Min(((long)length + padding - 1) / padding * padding, int.MaxValue - padding);

    int Apart(int stride) => stride % Conflict == 0 ? stride + padding : stride;

    // Those of bias, gain and shift, and one for each block of the weights.
    int L2LossesOf(int outputs) => FusedLayer.VectorL2Losses + (int)(((long)outputs + features - 1) / features);

    // From the coefficient of a mean to that of a sum.
    static float Coefficient(double l2, int rows, int columns) => (float)(l2 / ((double)rows * columns));

    FusedLayer Add(FusedLayerKind layer, int inputs, int paddedBatch, int l2Losses, bool hasRows)
    {
        int outputs = Padded(layer.Outputs);
        int weightRow = Apart(Padded(inputs));
        int rowStride = Apart(outputs);
        long activations = (long)outputs * paddedBatch;
        int z = Scratch(activations);
        int preActivation = layer.IsNormalized ? Scratch(activations) : z;
        return new FusedLayer(
            inputs, layer.Outputs,
            Weight: Parameters((long)outputs * weightRow), weightRow,
            Bias: layer.HasBias ? Parameters(outputs) : FusedLayer.None,
            Gain: layer.IsNormalized ? Parameters(4L * outputs) : FusedLayer.None,
            outputs,
            layer.Activation,
            z,
            preActivation,
            Y: layer.Activation.SlopeTakesInput() ? Scratch(activations) : preActivation,
            Rows: hasRows ? Scratch((long)paddedBatch * rowStride) : FusedLayer.None, rowStride,
            DZ: Scratch(activations),
            InverseDeviation: layer.IsNormalized ? Scratch(outputs) : FusedLayer.None,
            new FusedL2(
                Weight: Coefficient(layer.WeightL2, inputs, layer.Outputs), Bias: Coefficient(layer.BiasL2, 1, layer.Outputs),
                Gain: Coefficient(layer.GainL2, 1, layer.Outputs), Shift: Coefficient(layer.ShiftL2, 1, layer.Outputs)),
            l2Losses);
    }

    // The copies of a thread's largest product: 0 where all products are small.
    int CopiesLength(int inputs, int paddedBatch, IReadOnlyList<FusedLayerKind> layers)
    {
        int length = 0;
        foreach (FusedLayerKind layer in layers)
        {
            int outputs = Padded(layer.Outputs);
            foreach (GemmSize size in (GemmSize[])[
                new(outputs, inputs, paddedBatch), new(inputs, layer.Outputs, paddedBatch), new(outputs, paddedBatch, Padded(inputs))])
            {
                if (ThreadTileRunner.IsLarge(size.K, size.N))
                {
                    length = Math.Max(length, TilePackedGemm.ScratchLength(size.M, size.K, size.N));
                }
            }
            inputs = layer.Outputs;
        }
        return length;
    }

    int Parameters(long length) => Take(ref parameters, length);

    int Scratch(long length) => Take(ref scratch, length);

    int Take(ref long end, long length)
    {
        long start = end;
        end += (length + padding - 1) / padding * padding;
        return (int)Math.Min(start, int.MaxValue);
    }
}
