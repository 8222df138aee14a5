// Eight lanes for OpenCL, CUDA, and processors without wide vectors.
global using PortableLanes = Makemore.Gpu.Kernels.Simd.TwiceLanes<
    Makemore.Gpu.Kernels.Simd.TwiceLanes<Makemore.Gpu.Kernels.Simd.TwiceLanes<Makemore.Gpu.Kernels.Simd.Scalar>>>;
// Four lanes: the 16 bytes that a thread of a GPU loads or stores with one instruction.
global using Quad = Makemore.Gpu.Kernels.Simd.TwiceLanes<Makemore.Gpu.Kernels.Simd.TwiceLanes<Makemore.Gpu.Kernels.Simd.Scalar>>;
