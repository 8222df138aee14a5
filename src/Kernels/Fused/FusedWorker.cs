using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Lanes;
using Makemore.Gpu.Kernels.Operations;
using Makemore.Gpu.Kernels.Tiles;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// One thread's part of each phase of a fused step, as a chain of tile operations. Within a phase, threads take blocks of features or of
/// examples in turn and write to nothing that another one touches; between phases, the kernel lets them wait for each other.
/// </summary>
/// <param name="Shape">The sizes and places.</param>
/// <param name="Constants">The constants of all normalisations.</param>
/// <param name="Parameters">The parameters.</param>
/// <param name="Scratch">The scratch of a batch.</param>
/// <param name="Thread">This thread.</param>
/// <param name="Threads">How many there are.</param>
readonly record struct FusedWorker(
    FusedShape Shape, BatchNormConstants Constants, ViewMemory Parameters, ViewMemory Scratch, int Thread, int Threads)
{
    /// <summary>Features of a block: their activations stay in a processor's nearest cache from one tile operation to the next.</summary>
    public const int Features = 32;

    /// <summary>Examples of a block: a vector of the most lanes.</summary>
    public const int Examples = FusedLayout.Padding;

    int Room => Shape.ThreadScratch + (Thread * TileScratch.Size);

    int Stride => Shape.PaddedBatch;

    /// <summary>Takes the examples of the batch, and lays their embedding down both ways: by example, and by feature.</summary>
    /// <param name="contexts">The contexts of the data set.</param>
    /// <param name="targets">The targets of the data set.</param>
    /// <param name="indices">Which examples.</param>
    /// <param name="count">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Embed(ViewMemory contexts, ViewMemory targets, ViewMemory indices, int count)
    {
        for (int first = Thread * Examples; first < count; first += Threads * Examples)
        {
            int examples = IntrinsicMath.Min(Examples, count - first);
            ViewMemory tokens = Scratch.From(Shape.Tokens + first);
            var rows = new MatrixView(Scratch.From(Shape.InputRows + (first * Shape.InputStride)), Shape.InputStride);
            Tile.Run(new TokenGather(contexts, targets, indices.From(first), tokens, Stride, examples, Shape.Context));
            Tile.Run(new EmbeddingGather(
                new MatrixView(Parameters.From(Shape.Table), Shape.TableRow), tokens, Stride, rows, examples, Shape.Context, Shape.Embedding));
            Tile.Run(new Transpose(rows, new MatrixView(Scratch.From(Shape.Input + first), Stride), Examples, Padded(Shape.Inputs)));
        }
    }

    /// <summary>A layer forward.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Its input [inputs, P].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Forward(in FusedLayer layer, int x)
    {
        for (int first = Thread * Features; first < layer.Outputs; first += Threads * Features)
        {
            int features = IntrinsicMath.Min(Features, layer.Outputs - first);
            ViewMemory z = Scratch.From(layer.Z + (first * Stride));
            ViewMemory y = Scratch.From(layer.Y + (first * Stride));
            Linear(layer, first, features, x, z);
            if (layer.Gain != FusedLayer.None)
            {
                Tile.Run(new NormaliseForward(
                    z, y, Parameters.From(layer.Gain + first), Parameters.From(layer.Shift + first), Scratch.From(layer.InverseDeviation + first),
                    Parameters.From(layer.Mean + first), Parameters.From(layer.Spread + first), Scratch.From(Room), Constants, features, Shape.Batch, Stride));
            }
            if (layer.HasTanh != 0)
            {
                Tile.Run(new TanhForward(y, y, features * Stride));
            }
            if (layer.Rows != FusedLayer.None)
            {
                Tile.Run(new Transpose(
                    new MatrixView(y, Stride), new MatrixView(Scratch.From(layer.Rows + first), layer.RowStride), Padded(features), Stride));
            }
        }
    }

    /// <summary>A layer forward for evaluation, normalised by the stored statistics.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Its input [inputs, P].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ForwardFixed(in FusedLayer layer, int x)
    {
        for (int first = Thread * Features; first < layer.Outputs; first += Threads * Features)
        {
            int features = IntrinsicMath.Min(Features, layer.Outputs - first);
            ViewMemory z = Scratch.From(layer.Z + (first * Stride));
            ViewMemory y = Scratch.From(layer.Y + (first * Stride));
            Linear(layer, first, features, x, z);
            if (layer.Gain != FusedLayer.None)
            {
                Tile.Run(new NormaliseFixed(
                    z, y, Parameters.From(layer.Gain + first), Parameters.From(layer.Shift + first), Parameters.From(layer.Mean + first),
                    Parameters.From(layer.Spread + first), Scratch.From(Room), Constants, features, Stride));
            }
            if (layer.HasTanh != 0)
            {
                Tile.Run(new TanhForward(y, y, features * Stride));
            }
        }
    }

    /// <summary>The moments over the batch of a layer's linear map, which is what its normalisation is given.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Its input [inputs, P].</param>
    /// <param name="count">How many examples the batch holds.</param>
    /// <param name="means">Where the means go [outputs, padded].</param>
    /// <param name="squares">Where the sums of squared differences go [outputs, padded].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Measure(in FusedLayer layer, int x, int count, ViewMemory means, ViewMemory squares)
    {
        for (int first = Thread * Features; first < layer.Outputs; first += Threads * Features)
        {
            int features = IntrinsicMath.Min(Features, layer.Outputs - first);
            ViewMemory z = Scratch.From(layer.Z + (first * Stride));
            Linear(layer, first, features, x, z);
            Tile.Run(new Moments(z, means.From(first), squares.From(first), Scratch.From(Room), features, count, Stride));
        }
    }

    /// <summary>The loss of each example, and the gradient of the logits.</summary>
    /// <param name="last">The last layer, whose result are the logits.</param>
    /// <param name="count">How many examples the batch holds.</param>
    /// <param name="losses">Where the losses go, padding included.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Loss(in FusedLayer last, int count, ViewMemory losses)
    {
        for (int first = Thread * Examples; first < count; first += Threads * Examples)
        {
            Tile.Run(new SoftmaxLoss(
                Scratch.From(last.Y + first), Scratch.From(Shape.Tokens + (Shape.Context * Stride) + first), losses.From(first),
                Scratch.From(last.DZ + first), Shape.Vocabulary, count - first, Examples, count, Stride));
        }
    }

    /// <summary>The gradient of a layer's result from the layer above: dY = Wᵀ·dZ.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="above">The layer above.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Propagate(in FusedLayer layer, in FusedLayer above)
    {
        for (int first = Thread * Features; first < layer.Outputs; first += Threads * Features)
        {
            InputGradient(above, first, IntrinsicMath.Min(Features, layer.Outputs - first), Scratch.From(layer.DZ + (first * Stride)));
        }
    }

    /// <summary>A layer backward, from the gradient of its result to that of its linear map; its small parameters move.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="learningRate">The learning rate.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Backward(in FusedLayer layer, float learningRate)
    {
        for (int first = Thread * Features; first < layer.Outputs; first += Threads * Features)
        {
            int features = IntrinsicMath.Min(Features, layer.Outputs - first);
            ViewMemory dz = Scratch.From(layer.DZ + (first * Stride));
            if (layer.HasTanh != 0)
            {
                Tile.Run(new TanhBackward(Scratch.From(layer.Y + (first * Stride)), dz, dz, features * Stride));
            }
            if (layer.Gain != FusedLayer.None)
            {
                Tile.Run(new NormaliseBackward(
                    Scratch.From(layer.Z + (first * Stride)), Scratch.From(layer.InverseDeviation + first), dz, Parameters.From(layer.Gain + first),
                    Parameters.From(layer.Shift + first), Scratch.From(Room), learningRate, features, Shape.Batch, Stride));
            }
            if (layer.Bias != FusedLayer.None)
            {
                Tile.Run(new BiasUpdate(dz, Parameters.From(layer.Bias + first), learningRate, features, Stride, Scratch.From(Room)));
            }
        }
    }

    /// <summary>The gradient of the embedded batch, laid down by example.</summary>
    /// <param name="layer">The first layer.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void PropagateToInput(in FusedLayer layer)
    {
        for (int first = Thread * Examples; first < layer.Inputs; first += Threads * Examples)
        {
            ViewMemory dInput = Scratch.From(Shape.DInput + (first * Stride));
            InputGradient(layer, first, IntrinsicMath.Min(Examples, layer.Inputs - first), dInput);
            Tile.Run(new Transpose(
                new MatrixView(dInput, Stride), new MatrixView(Scratch.From(Shape.DInputRows + first), Shape.InputStride), Examples, Stride));
        }
    }

    /// <summary>Moves a layer's weights by -learning rate · their gradient dZ·Xᵀ, and that of their penalty.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="rows">Its input by example [P, inputs].</param>
    /// <param name="rowStride">From an example to the next.</param>
    /// <param name="learningRate">The learning rate.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void UpdateWeight(in FusedLayer layer, int rows, int rowStride, float learningRate)
    {
        for (int first = Thread * Features; first < layer.Outputs; first += Threads * Features)
        {
            int features = IntrinsicMath.Min(Features, layer.Outputs - first);
            int weight = layer.Weight + (first * layer.WeightRow);
            if (layer.L2 != 0f)
            {
                Penalise(weight, features * layer.WeightRow, layer.L2, learningRate, layer.Penalties + (first / Features));
            }
            Tile.Run(new Product(
                new MatrixView(Scratch.From(layer.DZ + (first * Stride)), Stride), new MatrixView(Scratch.From(rows), rowStride),
                new MatrixView(Parameters.From(weight), layer.WeightRow),
                Fours(features), Shape.Batch, Padded(layer.Inputs), IsAdded: 1, -learningRate));
        }
    }

    /// <summary>Moves the embedding table, and records the mean loss. The first thread does this alone: rows of the table may occur anywhere.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="record">Where the mean loss goes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void UpdateTable(float learningRate, ViewMemory record)
    {
        if (Thread == 0)
        {
            if (Shape.TableL2 != 0f)
            {
                Penalise(Shape.Table, Shape.Vocabulary * Shape.TableRow, Shape.TableL2, learningRate, Shape.Penalties);
            }
            Tile.Run(new EmbeddingUpdate(
                new MatrixView(Scratch.From(Shape.DInputRows), Shape.InputStride), Scratch.From(Shape.Tokens), Stride,
                new MatrixView(Parameters.From(Shape.Table), Shape.TableRow), Shape.Batch, Shape.Context, Shape.Embedding, learningRate));
            Tile.Run(new Mean(Scratch.From(Shape.Losses), Shape.Batch, record));
        }
    }

    /// <summary>Adds the penalties to the mean loss, in one order. The first thread does this alone.</summary>
    /// <param name="record">Where the mean loss stands.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddPenalties(ViewMemory record)
    {
        if (Thread == 0 && Shape.PenaltyCount > 0)
        {
            float loss = record.Read(0);
            for (int i = 0; i < Shape.PenaltyCount; i++)
            {
                loss += Scratch.Read(Shape.Penalties + i);
            }
            record.Write(0, loss);
        }
    }

    /// <summary>A length with its padding.</summary>
    /// <param name="length">The length.</param>
    public static int Padded(int length) => (length + FusedLayout.Padding - 1) / FusedLayout.Padding * FusedLayout.Padding;

    // Rows of a product are best in fours; those of the padding hold 0 and are computed to be 0.
    static int Fours(int rows) => (rows + 3) / 4 * 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Linear(in FusedLayer layer, int first, int features, int x, ViewMemory z)
    {
        Tile.Run(new Product(
            new MatrixView(Parameters.From(layer.Weight + (first * layer.WeightRow)), layer.WeightRow), new MatrixView(Scratch.From(x), Stride),
            new MatrixView(z, Stride), Fours(features), layer.Inputs, Stride));
        if (layer.Bias != FusedLayer.None)
        {
            Tile.Run(new BiasForward(Parameters.From(layer.Bias + first), z, features, Stride));
        }
    }

    // Keeps the penalty of some weights, λ·Σw², and moves them by -learning rate · its gradient, 2λ·w. Padding holds 0, which adds nothing.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Penalise(int weights, int count, float l2, float learningRate, int penalty)
    {
        ViewMemory w = Parameters.From(weights);
        Tile.Run(new SumOfSquares(l2, w, count, Scratch.From(penalty), Scratch.From(Room)));
        Tile.Run(new ScaledAdd(-2f * l2 * learningRate, w, w, count));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void InputGradient(in FusedLayer layer, int first, int features, ViewMemory dx)
    {
        Tile.Run(new Product(
            new MatrixView(Parameters.From(layer.Weight + first), layer.WeightRow).Transposed, new MatrixView(Scratch.From(layer.DZ), Stride),
            new MatrixView(dx, Stride), Fours(features), layer.Outputs, Stride));
    }
}
