using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.IR.Intrinsics;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>The tiles of a thread, on the vectors that it has: see <see cref="Tile"/>.</summary>
readonly struct ThreadTileRunner : ITileRunner
{
    // Values of B, 256 KB.
    const int LargeProduct = 1 << 16;

    // Rows of 1 KB: no block of them stays in L1, and a large one in L2 costs fewer copies of B.
    const int LongRow = 256;
    const int LongRowFeatures = 96;

    // The activations of a block stay in L1 from one tile operation to the next.
    public static int Features => 32;

    public static int LossExamples => Padding;

    public static int Padding => TileScratch.MaxLanes;

    /// <summary>Whether a product is for <see cref="TilePackedGemm"/>: B is larger than what the first caches hold.</summary>
    /// <param name="k">K.</param>
    /// <param name="n">N.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsLarge(int k, int n) => (long)k * n >= LargeProduct;

    // Neighbors, as many for each worker, in whole vectors: sums over the batch are stored with a feature in each lane.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WorkBlocks BlocksOf(int features, int examples, Worker worker)
    {
        (int first, int end) = worker.Share(features, Padding);
        int size = examples >= LongRow ? LongRowFeatures : Features;
        return new(first, end, size, size);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ViewMemory ScratchOf(ViewMemory scratch, in FusedShape shape, int indexInGroup) =>
        scratch.From(shape.ThreadScratch + (indexInGroup * shape.ThreadScratchLength));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int GemmK(int k) => k;

    /// <summary>
    /// Runs a matrix product. An intrinsic: the CPU accelerator runs this method as it is, OpenCL <see cref="MultiplyPortable"/>. There,
    /// large networks are for the layered form, which all cores share, and its compiler would take minutes for both kinds of product.
    /// </summary>
    /// <param name="product">The product, or this worker's columns of it.</param>
    /// <param name="n">N of the whole product.</param>
    /// <param name="scratch">The worker's own scratch.</param>
    [IntrinsicImplementation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(TileGemm product, int n, ViewMemory scratch)
    {
        // By the whole product: no share of it may change a bit.
        if (IsLarge(product.K, n))
        {
            Run(new TilePackedGemm(
                product.A, product.B, product.C, product.M, product.K, product.N, product.IsAdded, product.Factor,
                scratch.From(TileScratch.Size)));
        }
        else
        {
            Run(product);
        }
    }

    static void MultiplyPortable(TileGemm product, int n, ViewMemory scratch) => Tile.RunPortable(product);

    /// <summary>Registers the portable form for OpenCL and CUDA. Call it before the context is created.</summary>
    public static void RegisterPortableForm(Context.Builder builder) => Intrinsics.Register(
        builder, typeof(ThreadTileRunner).GetMethod(nameof(Multiply))!, typeof(ThreadTileRunner), nameof(MultiplyPortable));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation => Tile.Run(operation);
}
