using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Tests.Simd;

/// <summary>One of the forms that every tile operation has: its lanes, how it reaches memory, and what runs it.</summary>
/// <param name="name">Its name in the tests' names.</param>
/// <param name="bench">Whose memory it works on.</param>
abstract class TileBody(string name, TestBench bench)
{
    /// <summary>Every body: each kind of lanes by itself, and what each accelerator makes of them.</summary>
    public static IReadOnlyList<TileBody> All { get; } =
    [
        Avx512, Avx2, Portable, PortableByView, .. OfEachAccelerator, .. TestBenches.FullWarps.Select(bench => new WarpBody(bench)),
    ];

    /// <summary>What a kernel of one thread runs on each accelerator.</summary>
    public static IEnumerable<TileBody> OfEachAccelerator => TestBenches.EachAccelerator.Select(bench => new KernelBody(bench));

    /// <summary>Sixteen lanes by pointers.</summary>
    public static TileBody Avx512 => new DirectBody<Avx512Lanes, Pointer<Avx512Lanes>>("AVX-512");

    /// <summary>Eight lanes by pointers.</summary>
    public static TileBody Avx2 => new DirectBody<Avx2Lanes, Pointer<Avx2Lanes>>("AVX2");

    /// <summary>Portable lanes by pointers.</summary>
    public static TileBody Portable => new DirectBody<PortableLanes, Pointer<PortableLanes>>("portable");

    /// <summary>Portable lanes by views.</summary>
    public static TileBody PortableByView => new DirectBody<PortableLanes, ViewMemory>("portable by view");

    /// <summary>What a kernel on the CPU accelerator runs.</summary>
    public static TileBody OfProcessor => new KernelBody(TestBenches.Processor);

    /// <summary>Whose memory it works on.</summary>
    public TestBench Bench => bench;

    /// <summary>Rows of examples are padded to multiples of this.</summary>
    public virtual int Padding => TileScratch.MaxLanes;

    /// <summary>Operands begin at multiples of this, and so do their rows.</summary>
    public virtual int Alignment => 1;

    /// <summary>Skips the test where the processor lacks what the body needs.</summary>
    public virtual void SkipWhereMissing()
    {
    }

    /// <summary>Runs an operation.</summary>
    /// <param name="operation">The operation.</param>
    public abstract void Run<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation;

    /// <inheritdoc/>
    public override string ToString() => name;

    // On the CPU accelerator's memory, without a kernel.
    sealed class DirectBody<TLanes, TMemory>(string name) : TileBody(name, TestBenches.Processor)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        public override void SkipWhereMissing() => LaneSupport.SkipWhereMissing<TLanes>();

        public override void Run<TOperation>(TOperation operation) => operation.Run<TLanes, TMemory>();
    }

    // In a kernel of one thread.
    sealed class KernelBody(TestBench bench) : LaunchedBody(bench, threads: 1)
    {
        protected override Action<TOperation> Kernel<TOperation>() => RunTile;

        static void RunTile<TOperation>(TOperation operation)
            where TOperation : struct, ITileOperation => Tile.Run(operation);
    }

    // In a kernel of one warp.
    sealed class WarpBody(TestBench bench) : LaunchedBody(bench, threads: WarpLanes.Count)
    {
        public override int Padding => WarpLanes.Count;

        public override int Alignment => Float4.Count;

        protected override Action<TOperation> Kernel<TOperation>() => RunTile;

        static void RunTile<TOperation>(TOperation operation)
            where TOperation : struct, ITileOperation => WarpTileRunner.Run(operation);
    }

    abstract class LaunchedBody(TestBench bench, int threads) : TileBody($"in a kernel on {bench.Name}", bench)
    {
        readonly Dictionary<Type, Delegate> kernels = [];

        public override void Run<TOperation>(TOperation operation)
        {
            if (!kernels.TryGetValue(typeof(TOperation), out Delegate? kernel))
            {
                kernel = Bench.Accelerator.LoadKernel(Kernel<TOperation>());
                kernels.Add(typeof(TOperation), kernel);
            }
            ((Action<AcceleratorStream, KernelConfig, TOperation>)kernel)(Bench.Stream, new KernelConfig(1, threads), operation);
        }

        protected abstract Action<TOperation> Kernel<TOperation>()
            where TOperation : struct, ITileOperation;
    }
}
