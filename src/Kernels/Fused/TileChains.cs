using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Embeddings;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Losses;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// The phases of a fused step as chains of tile operations, which are the same for a thread and for a warp that works by itself. Where the
/// two differ is in <see cref="ThreadWorker"/> and <see cref="WarpWorker"/>.
/// </summary>
/// <typeparam name="TRunner">Who runs the tile operations.</typeparam>
/// <param name="Shape">The sizes and offsets.</param>
/// <param name="Constants">The constants of all normalizations.</param>
/// <param name="Parameters">The parameters.</param>
/// <param name="Scratch">The scratch of a batch.</param>
/// <param name="WorkerScratch">This worker's scratch for sums.</param>
/// <param name="Index">Which worker this is.</param>
/// <param name="Count">How many workers there are.</param>
readonly record struct TileChains<TRunner>(
    FusedShape Shape, BatchNormConstants Constants, ViewMemory Parameters, ViewMemory Scratch, ViewMemory WorkerScratch, int Index,
    int Count)
    where TRunner : struct, ITileRunner
{
    /// <summary>From a feature's row to the next.</summary>
    public int Stride => Shape.PaddedBatch;

    /// <summary>Where the loss of each example goes, padding included.</summary>
    public ViewMemory Losses => Scratch.From(Shape.Losses);

    /// <summary>A worker that looks for its part of the work.</summary>
    /// <param name="operands">What is worked on.</param>
    /// <param name="scratch">Where the scratch of its batch begins.</param>
    /// <param name="indexInGroup">Which worker of the group it is.</param>
    /// <param name="index">Which worker of all it is.</param>
    /// <param name="count">How many there are.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileChains<TRunner> Of(in FusedOperands operands, int scratch, int indexInGroup, int index, int count)
    {
        var memory = new ViewMemory(operands.Scratch, scratch);
        ViewMemory own = TRunner.ScratchOf(memory, operands.Shape, indexInGroup);
        return new(operands.Shape, operands.Constants, new ViewMemory(operands.Parameters, 0), memory, own, index, count);
    }

    /// <summary>The same worker where the first workers have taken some parts already: it takes those after them.</summary>
    /// <param name="parts">How many parts are taken.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileChains<TRunner> Skip(int parts) => this with { Index = (Index + Count - (parts % Count)) % Count };

    /// <summary>Gathers the examples of a batch.</summary>
    /// <param name="worker">Which worker this one counts as: it takes the blocks of examples of that number.</param>
    /// <param name="data">The tokens of the data set.</param>
    /// <param name="indices">Which examples.</param>
    /// <param name="count">How many.</param>
    /// <param name="tokens">Where their tokens and targets go [T + 1, P].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void GatherBatch(int worker, ViewMemory data, ViewMemory indices, int count, int tokens)
    {
        for (int first = worker * TRunner.Padding; first < count; first += Count * TRunner.Padding)
        {
            TRunner.Run(new TileBatchGather(
                data, indices.From(first), Scratch.From(tokens + first), Stride, IntrinsicMath.Min(TRunner.Padding, count - first),
                Shape.Context));
        }
    }

    /// <summary>Writes the L2 loss of the table, λ·Σc². The first worker does this alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddTableL2()
    {
        if (Index == 0 && Shape.TableL2 != 0f)
        {
            AddL2(Shape.Table, Shape.Vocabulary * Shape.TableRow, Shape.TableL2, Shape.L2Losses);
        }
    }

    /// <summary>
    /// Writes the L2 loss of a layer's parameters, λ·Σw²: of the weights a value for each block of features; of bias, gain and shift a
    /// value each, which the first worker writes alone.
    /// </summary>
    /// <param name="layer">The layer.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddLayerL2(in FusedLayer layer)
    {
        int losses = layer.L2Losses + FusedLayer.VectorL2Losses;
        for (int first = Index * TRunner.Features; layer.L2.Weight != 0f && first < layer.Outputs; first += Count * TRunner.Features)
        {
            int features = IntrinsicMath.Min(TRunner.Features, layer.Outputs - first);
            int weight = layer.Weight + (first * layer.WeightRow);
            AddL2(weight, features * layer.WeightRow, layer.L2.Weight, losses + (first / TRunner.Features));
        }
        if (Index == 0)
        {
            AddVectorL2(layer.Bias, layer.Outputs, layer.L2.Bias, layer.L2Losses);
            AddVectorL2(layer.Gain, layer.Outputs, layer.L2.Gain, layer.L2Losses + 1);
            AddVectorL2(layer.Shift, layer.Outputs, layer.L2.Shift, layer.L2Losses + 2);
        }
    }

    /// <summary>A layer forward for evaluation, normalized by the stored statistics.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Its input [inputs, P].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ForwardFixed(in FusedLayer layer, int x)
    {
        WorkBlocks blocks = BlocksOf(layer.Outputs);
        for (int first = blocks.First; first < blocks.End; first += blocks.Step)
        {
            int features = blocks.CountFrom(first);
            ViewMemory z = Scratch.From(layer.Z + (first * Stride));
            Linear(layer, first, features, x, firstExample: 0, Stride);
            if (layer.Gain != FusedLayer.None)
            {
                TRunner.Run(new TileBatchNormFixed(
                    z, Scratch.From(layer.PreActivation + (first * Stride)), Parameters.From(layer.Gain + first),
                    Parameters.From(layer.Shift + first),
                    Parameters.From(layer.RunningMean + first),
                    Parameters.From(layer.RunningVariance + first), WorkerScratch, Constants, features, Stride));
            }
            Activate(layer, first, features);
        }
    }

    /// <summary>The moments over the batch of a layer's linear map, which is what its normalization is given.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Its input [inputs, P].</param>
    /// <param name="count">How many examples the batch holds.</param>
    /// <param name="means">Where the means go [outputs, padded].</param>
    /// <param name="squares">Where the sums of squared differences go [outputs, padded].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Measure(in FusedLayer layer, int x, int count, ViewMemory means, ViewMemory squares)
    {
        WorkBlocks blocks = BlocksOf(layer.Outputs);
        for (int first = blocks.First; first < blocks.End; first += blocks.Step)
        {
            int features = blocks.CountFrom(first);
            ViewMemory z = Scratch.From(layer.Z + (first * Stride));
            Linear(layer, first, features, x, firstExample: 0, Stride);
            TRunner.Run(new TileMoments(z, means.From(first), squares.From(first), WorkerScratch, features, count, Stride));
        }
    }

    /// <summary>The loss of each example, and the gradient of the logits.</summary>
    /// <param name="last">The last layer, whose result are the logits.</param>
    /// <param name="count">How many examples the batch holds.</param>
    /// <param name="tokens">Their tokens and targets [T + 1, P].</param>
    /// <param name="losses">Where the losses go, padding included.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Loss(in FusedLayer last, int count, int tokens, ViewMemory losses)
    {
        for (int first = Index * TRunner.LossExamples; first < count; first += Count * TRunner.LossExamples)
        {
            TRunner.Run(new TileSoftmaxCrossEntropy(
                Scratch.From(last.Y + first), Scratch.From(tokens + (Shape.Context * Stride) + first), losses.From(first),
                Scratch.From(last.DZ + first), Shape.Vocabulary, count - first, TRunner.LossExamples, count, Stride));
        }
    }

    /// <summary>
    /// Records the batch's loss: the mean of its examples' losses, and the L2 losses, in one order. One worker does this alone.
    /// </summary>
    /// <param name="worker">Which worker.</param>
    /// <param name="record">Where it goes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Record(int worker, ViewMemory record)
    {
        if (Index == worker)
        {
            TRunner.Run(new TileBatchLoss(
                Scratch.From(Shape.Losses), Shape.Batch, Scratch.From(Shape.L2Losses), Shape.L2LossCount, record));
        }
    }

    /// <summary>
    /// The last layer backward, from the gradient of its result to that of its linear map; applies the gradients of its small parameters.
    /// </summary>
    /// <param name="last">The layer.</param>
    /// <param name="learningRate">The learning rate.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void BackwardLast(in FusedLayer last, float learningRate)
    {
        WorkBlocks blocks = BlocksOf(last.Outputs);
        for (int first = blocks.First; first < blocks.End; first += blocks.Step)
        {
            Backward(last, first, blocks.CountFrom(first), learningRate);
        }
    }

    /// <summary>
    /// A layer backward, from the gradient of the linear map above to that of its own: the gradient of its result is dY = Wᵀ·dZ. Applies
    /// the gradients of its small parameters.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="above">The layer above.</param>
    /// <param name="learningRate">The learning rate.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Backward(in FusedLayer layer, in FusedLayer above, float learningRate)
    {
        WorkBlocks blocks = BlocksOf(layer.Outputs);
        for (int first = blocks.First; first < blocks.End; first += blocks.Step)
        {
            int features = blocks.CountFrom(first);
            InputGradient(above, first, features, firstExample: 0, Stride, Scratch.From(layer.DZ + (first * Stride)));
            Backward(layer, first, features, learningRate);
        }
    }

    /// <summary>A length with its padding.</summary>
    /// <param name="length">The length.</param>
    public static int Padded(int length) => (length + TRunner.Padding - 1) / TRunner.Padding * TRunner.Padding;

    /// <summary>The blocks of features that this worker takes.</summary>
    /// <param name="features">How many features there are for all workers.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WorkBlocks BlocksOf(int features) => TRunner.BlocksOf(features, Stride, new Worker(Index, Count));

    /// <summary>A block of features of a layer forward.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="first">The first feature.</param>
    /// <param name="features">How many.</param>
    /// <param name="x">The layer's input [inputs, P].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Forward(in FusedLayer layer, int first, int features, int x)
    {
        ViewMemory z = Scratch.From(layer.Z + (first * Stride));
        Linear(layer, first, features, x, firstExample: 0, Stride);
        if (layer.Gain != FusedLayer.None)
        {
            TRunner.Run(new TileBatchNormForward(
                z, Scratch.From(layer.PreActivation + (first * Stride)), Parameters.From(layer.Gain + first),
                Parameters.From(layer.Shift + first),
                Scratch.From(layer.InverseDeviation + first),
                Parameters.From(layer.RunningMean + first), Parameters.From(layer.RunningVariance + first), WorkerScratch, Constants,
                features, Shape.Batch, Stride));
        }
        Activate(layer, first, features);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Activate(in FusedLayer layer, int first, int features)
    {
        if (layer.Activation != Activation.None)
        {
            TRunner.Run(new TileActivationForward(
                layer.Activation, Scratch.From(layer.PreActivation + (first * Stride)), Scratch.From(layer.Y + (first * Stride)),
                features * Stride));
        }
    }

    // From the gradient of some features' results to that of their linear map.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Backward(in FusedLayer layer, int first, int features, float learningRate)
    {
        ViewMemory dz = Scratch.From(layer.DZ + (first * Stride));
        if (layer.Activation != Activation.None)
        {
            TRunner.Run(new TileActivationBackward(
                layer.Activation, Scratch.From(layer.PreActivation + (first * Stride)), dz, dz, features * Stride));
        }
        if (layer.Gain != FusedLayer.None)
        {
            TRunner.Run(new TileBatchNormBackward(
                Scratch.From(layer.Z + (first * Stride)), Scratch.From(layer.InverseDeviation + first), dz,
                Parameters.From(layer.Gain + first), Parameters.From(layer.Shift + first), WorkerScratch, Constants, learningRate,
                FusedL2.Decay(layer.L2.Gain, learningRate), FusedL2.Decay(layer.L2.Shift, learningRate), features, Shape.Batch, Stride));
        }
        if (layer.Bias != FusedLayer.None)
        {
            TRunner.Run(new TileBiasUpdate(
                dz, Parameters.From(layer.Bias + first), learningRate, FusedL2.Decay(layer.L2.Bias, learningRate), features, Stride,
                WorkerScratch));
        }
    }

    /// <summary>Some features of a layer's linear map for some examples.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="first">The first feature.</param>
    /// <param name="features">How many.</param>
    /// <param name="x">The layer's input [inputs, P].</param>
    /// <param name="firstExample">The first example.</param>
    /// <param name="examples">How many, a multiple of the lanes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Linear(in FusedLayer layer, int first, int features, int x, int firstExample, int examples)
    {
        ViewMemory z = Scratch.From(layer.Z + (first * Stride) + firstExample);
        var product = new TileGemm(
            new MatrixView(Parameters.From(layer.Weight + (first * layer.WeightRow)), layer.WeightRow),
            new MatrixView(Scratch.From(x + firstExample), Stride),
            new MatrixView(z, Stride), Float4.PaddedLength(features), TRunner.GemmK(layer.Inputs), examples);
        Multiply(product, Stride);
        if (layer.Bias != FusedLayer.None)
        {
            TRunner.Run(new TileBiasForward(Parameters.From(layer.Bias + first), z, features, examples, Stride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void AddVectorL2(int vector, int count, float l2, int l2Loss)
    {
        if (l2 != 0f)
        {
            AddL2(vector, count, l2, l2Loss);
        }
    }

    // Writes the L2 loss of some parameters, λ·Σw². The padding of weights holds 0, which adds nothing; that of vectors may hold anything.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void AddL2(int weights, int count, float l2, int l2Loss) =>
        TRunner.Run(new TileSumOfSquares(l2, Parameters.From(weights), count, Scratch.From(l2Loss), WorkerScratch));

    /// <summary>A matrix product.</summary>
    /// <param name="product">The product, or this worker's columns of it.</param>
    /// <param name="n">N of the whole product.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Multiply(TileGemm product, int n) => TRunner.Multiply(product, n, WorkerScratch);

    /// <summary>Weight decay: w -= learning rate · 2λ·w, the gradient of the L2 loss.</summary>
    /// <param name="weights">The weights, from the first on.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="l2">λ.</param>
    /// <param name="learningRate">The learning rate.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DecayWeights(MatrixView weights, int rows, int columns, float l2, float learningRate)
    {
        for (int row = 0; row < rows; row++)
        {
            ViewMemory values = weights.From(row, 0).Memory;
            TRunner.Run(new TileScaledAdd(-2f * l2 * learningRate, values, values, columns));
        }
    }

    /// <summary>The gradient of some of a layer's inputs for some examples: dX = Wᵀ·dZ.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="first">The first input.</param>
    /// <param name="features">How many.</param>
    /// <param name="firstExample">The first example.</param>
    /// <param name="examples">How many, a multiple of the lanes.</param>
    /// <param name="dx">Where it goes [features, P], from the first input and example on.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void InputGradient(in FusedLayer layer, int first, int features, int firstExample, int examples, ViewMemory dx)
    {
        var product = new TileGemm(
            new MatrixView(Parameters.From(layer.Weight + first), layer.WeightRow).Transposed,
            new MatrixView(Scratch.From(layer.DZ + firstExample), Stride),
            new MatrixView(dx, Stride), Float4.PaddedLength(features), TRunner.GemmK(layer.Outputs), examples);
        Multiply(product, Stride);
    }
}
